"""What orders refuse."""

from ordito.platform.problems import Problem


class FileKindRefused(Problem):
    """The file is of no kind that is kept with orders, or a picture that is damaged.

    What is in it counts, not its name. Save it as PDF or as a picture, then try again.
    """

    slug = "file-kind-refused"
    title = "Files of this kind are not kept"
    status = 415


class DateUnkeepable(Problem):
    """The days that were asked for can't be kept; `lines` says of each the day that was asked
    and the earliest possible one, null where nothing is known. Ask for later days, or take the
    channel's setting to mark such orders instead of refusing them.
    """

    slug = "date-unkeepable"
    title = "The order can't arrive when it was asked for"
    status = 409


class PreorderFull(Problem):
    """All that may be ordered before the release is ordered; `items` says how much is left of
    each. Take less, or wait for the release."""

    slug = "preorder-full"
    title = "No more can be ordered before the release"
    status = 409
