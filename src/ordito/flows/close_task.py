"""Close a task that a person has done: counted, put back, looked after."""

from ordito.fulfillment import tasks
from ordito.fulfillment.asks import CloseTask
from ordito.fulfillment.types import Task
from ordito.orders.events import TaskClosed
from ordito.orders.orders import ORDER, lock_order
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import ActionNotAllowed, NotFound


@command(permission="fulfillment.write")
def close_task(tx: Tx, ask: CloseTask) -> Task:
    """Someone did what the system asked for; on the order's timeline if it is about an order."""
    task = tasks.read_task(tx, ask.task_id)
    if task is None or not (task.location_id is None or tx.actor.sees_location(task.location_id)):
        raise NotFound("There is no such task, or its location is none you see.")
    if task.order_id is not None:
        lock_order(tx, task.order_id)
    closed = tasks.close_task(tx, ask.task_id)
    if closed is None:
        raise ActionNotAllowed(
            "The task is closed already. Nothing was changed.", extra={"allowed_actions": []}
        )
    if task.order_id is not None:
        tx.emit(ORDER, task.order_id, TaskClosed(task.kind, str(task.id)))
    return closed
