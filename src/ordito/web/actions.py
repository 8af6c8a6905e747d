"""What a page offers to do with the thing it shows."""

from typing import Literal

import msgspec


class Action(msgspec.Struct, frozen=True):
    """One entry of a thing's allowed actions, ready to show.

    label:  a verb and its object, translated: "Release to picking".
    opens:  "post" acts at once (and can be undone), "dialog" fetches a form from `url` and asks for
            what is missing, "page" goes there.
    danger: what it does can't be taken back or loses money.
    """

    code: str
    label: str
    url: str
    icon: str = ""
    opens: Literal["post", "dialog", "page"] = "post"
    danger: bool = False
