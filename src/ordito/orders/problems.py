"""What orders refuse."""

from ordito.platform.problems import Problem


class FileKindRefused(Problem):
    """The file is of no kind that is kept with orders, or a picture that is damaged.

    What is in it counts, not its name. Save it as PDF or as a picture, then try again.
    """

    slug = "file-kind-refused"
    title = "Files of this kind are not kept"
    status = 415
