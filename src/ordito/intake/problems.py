"""Why a whole file can't be taken. What is wrong with one row is a parked row, never a problem."""

from ordito.platform.problems import Problem


class FileUnreadable(Problem):
    """The file is empty, damaged or of a kind that isn't read. Save it as CSV (UTF-8) or .xlsx."""

    slug = "file-unreadable"
    title = "The file could not be read"
    status = 422


class FileTooLarge(Problem):
    """The file, or what it unpacks to, is larger than the limit. Split it and send the parts."""

    slug = "file-too-large"
    title = "The file is too large"
    status = 413


class ColumnsNotUsable(Problem):
    """Columns that the preset needs are missing or appear twice; `errors` names each of them."""

    slug = "columns-not-usable"
    title = "The file's columns don't fit the preset"
    status = 422


class PresetUnknown(Problem):
    """There is no preset of that name; `presets` lists those that exist."""

    slug = "preset-unknown"
    title = "There is no such preset"
    status = 404


class PresetInvalid(Problem):
    """The preset breaks a rule; `errors` lists all faults with pointers into the preset."""

    slug = "preset-invalid"
    title = "The preset is not valid"
    status = 422
