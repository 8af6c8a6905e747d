"""What can stop a paper from being made."""

from ordito.platform.problems import Problem


class PapersMissing(Problem):
    """The typesetter is not installed. Run `pip install "ordito[pdf]"`, then start again."""

    slug = "papers-missing"
    title = "Papers can't be made on this installation"
    status = 501
