"""Child processes that serve the window over standard input and output, so that it never freezes.

`inference_service` holds the model, so that a crash of torch does not take the scene along. `session_service`
does a session's slow disk work. `protocol` is the wire format, `server` the loop of both.
"""
