"""What run.py and the panel's Setup section do: they make and mend the environment that the project runs in.

Standard library alone.
"""

import sys

from .. import CxradainError

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


class SetupError(CxradainError):
    """The environment cannot be made; the message says why and what to do."""
