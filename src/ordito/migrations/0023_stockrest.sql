-- Who leads a warehouse, stock set aside for channels, alerts about levels, reasons of one's own.

INSERT INTO platform.role (id, code, name, permissions, built_in, version) VALUES
    ('01990000-0000-7000-8000-000000000006', 'warehouse-lead', 'Warehouse lead',
     '{catalog.read,fulfillment.read,fulfillment.write,inventory.approve,inventory.read,inventory.write,orders.read}',
     true, 0)
ON CONFLICT DO NOTHING;

-- What is kept for a channel is a hold that only the orders of the channel use up.
ALTER TABLE inventory.stock_hold
    ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'cart' CHECK (kind IN ('cart', 'channel'));
CREATE INDEX stock_hold_channel ON inventory.stock_hold (channel_id)
    WHERE kind = 'channel' AND ended_at IS NULL;

-- Units of an item that a channel isn't told of, in place of the channel's own number.
CREATE TABLE channels.item_buffer (
    channel_id uuid NOT NULL REFERENCES channels.channel (id),
    item_id uuid NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    PRIMARY KEY (channel_id, item_id)
);
