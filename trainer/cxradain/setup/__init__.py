"""Creating and repairing the Python environment of the project, for run.py and the panel's Setup section.

Standard library only.
"""

import sys

from .. import CxradainError

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


class SetupError(CxradainError):
    """The environment cannot be created; the message says why and what to do."""
