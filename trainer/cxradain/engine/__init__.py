"""Child processes that serve the window over their standard input and output, so that it never freezes.

`inference_service` holds the model: a crash of torch takes no scene along. `session_service` does a session's
slow work on the disk. `protocol` is the wire format, `server` the loop of both.
"""
