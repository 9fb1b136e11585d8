"""A round: a session makes a better model, and the gate says whether it is one."""
