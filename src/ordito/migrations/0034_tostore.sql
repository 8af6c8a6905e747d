-- Ship to store: pick-up orders whose shop lacks goods are served from other locations, which send
-- them to the shop.

-- bring_to_shop: whether the channel wants that. bring_days: how long it takes where no carrier's
-- days are known.
ALTER TABLE channels.channel
    ADD COLUMN bring_to_shop boolean NOT NULL DEFAULT false,
    ADD COLUMN bring_days integer NOT NULL DEFAULT 3 CHECK (bring_days BETWEEN 0 AND 60);

-- Whether a shop takes in goods for its customers that come from other locations.
ALTER TABLE locations.location
    ADD COLUMN takes_brought boolean NOT NULL DEFAULT true;

-- The shop that a location sends its part of an order to; NULL where it goes to the customer.
-- Of such a part, `shipped` counts units on their way; what has arrived is the shop's part.
ALTER TABLE fulfillment.fulfillment_order
    ADD COLUMN destination_id uuid,
    ADD CONSTRAINT fulfillment_order_destination_check
        CHECK (destination_id IS NULL OR (delivery = 'ship' AND destination_id <> location_id));

CREATE INDEX fulfillment_order_bound
    ON fulfillment.fulfillment_order (destination_id, order_id, fo_no)
    WHERE destination_id IS NOT NULL
      AND state IN ('scheduled', 'open', 'released', 'picking', 'picked', 'packed', 'shipped');

-- What a shop sees coming.
ALTER TABLE fulfillment.parcel ADD COLUMN destination_id uuid;

CREATE INDEX parcel_arriving ON fulfillment.parcel (destination_id, shipped_at, order_id, fo_no, parcel_no)
    WHERE destination_id IS NOT NULL AND delivered_at IS NULL;

-- The lots and serial numbers in a parcel to a shop, which will have them.
CREATE TABLE fulfillment.parcel_lot (
    order_id uuid NOT NULL,
    fo_no integer NOT NULL,
    parcel_no integer NOT NULL,
    line_no integer NOT NULL,
    item_id uuid NOT NULL,
    lot_id uuid NOT NULL,
    qty bigint NOT NULL CHECK (qty > 0),
    PRIMARY KEY (order_id, fo_no, parcel_no, line_no, item_id, lot_id),
    FOREIGN KEY (order_id, fo_no, parcel_no, line_no, item_id)
        REFERENCES fulfillment.parcel_line (order_id, fo_no, parcel_no, line_no, item_id)
);
