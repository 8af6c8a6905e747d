"""Who can sign in to the demo: a few roles, with random passwords of this installation."""

import msgspec

from ordito.flows.manage_access import CreateUser, SetPassword, create_user, give_password
from ordito.flows.manage_keys import CreateKey, issue_key
from ordito.kernel.ids import new_token
from ordito.platform.access import EVERYTHING, SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run


class Login(msgspec.Struct, frozen=True):
    """An e-mail address with its password; without an address it is the API key."""

    role: str
    email: str
    password: str


_PEOPLE: tuple[tuple[str, str, str, str, tuple[str, ...] | None], ...] = (
    ("Everything", "Olivia Order", "admin@demo.example", "admin", None),
    ("Leads the London warehouse", "Wanda Warehouse", "warehouse@demo.example", "warehouse-lead",
     ("LON",)),
    ("Store in Manchester", "Sam Store", "store@demo.example", "store", ("MAN",)),
    ("Partner in Leipzig", "Paula Partner", "partner@demo.example", "partner", ("LEJ",)),
    ("Looks, changes nothing", "Vic Viewer", "viewer@demo.example", "viewer", None),
)  # fmt: skip
"""What they do, name, address, role, locations."""


def make_logins(db: Database) -> list[Login]:
    """Make the users and one API key; the passwords are known only to who reads the answer."""
    logins = []
    for words, name, email, role, locations in _PEOPLE:
        ask = CreateUser(
            email=email,
            name=name,
            roles=(role,),
            locations=locations,
            time_zone="Europe/London",
        )
        user = run(db, SYSTEM, create_user, ask)
        password = new_token()[:14]
        give_password(db, SYSTEM, SetPassword(user_id=user.id), password)
        logins.append(Login(words, email, password))
    key = issue_key(db, SYSTEM, CreateKey(name="Demo", permissions=tuple(sorted(EVERYTHING))))
    assert key.token is not None, "a fresh key has its token"
    return [*logins, Login("API key", "", key.token)]
