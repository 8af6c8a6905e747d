"""Where carriers show how far a parcel has come."""

from urllib.parse import quote

_PAGES = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?submit=1&tracking-id=",
    "deutsche post": "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode=",
    "dpd": "https://www.dpdgroup.com/be/mydpd/my-parcels/search?lang=en&parcelNumber=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "gls": "https://gls-group.eu/EU/en/parcel-tracking?match=",
    "inpost": "https://inpost.pl/sledzenie-przesylek?number=",
    "poczta polska": "https://emonitoring.poczta-polska.pl/?numer=",
    "royal mail": "https://www.royalmail.com/track-your-item#/tracking-results/",
    "ups": "https://www.ups.com/track?tracknum=",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
}


def tracking_url(carrier: str, number: str) -> str:
    """The carrier's own page of a parcel; "" for carriers that are not known, or no number."""
    name = " ".join(carrier.casefold().split())
    page = next((url for known, url in _PAGES.items() if (name + " ").startswith(known + " ")), "")
    return page + quote(number.strip(), safe="") if page and number.strip() else ""
