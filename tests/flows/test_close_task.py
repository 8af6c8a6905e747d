"""Tasks are closed by who did them, once."""

from ordito.flows.close_task import close_task
from ordito.fulfillment.asks import CloseTask
from ordito.platform.database import Database
from ordito.platform.problems import ActionNotAllowed, NotFound
from tests import make
from tests.flows import acts


def test_a_task_is_closed_once_and_the_timeline_tells(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"cup": 1}})
    order_id = make.place(shop, {"tea": 2}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id)
    acts.cancel(shop, order_id)
    (task,) = acts.read_tasks(shop)
    ask = CloseTask(task_id=task.id)

    stranger = acts.clerk(shop, "B")
    assert isinstance(acts.refusal(shop, lambda: acts.do(db, close_task, ask, stranger)), NotFound)
    closed = acts.do(db, close_task, ask, acts.clerk(shop, "A"))

    assert closed.closed_at is not None
    assert acts.last_event(shop, order_id) == {"task": "put_back", "task_id": str(task.id)}
    assert isinstance(acts.refusal(shop, lambda: acts.do(db, close_task, ask)), ActionNotAllowed)
