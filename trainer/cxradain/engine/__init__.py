"""The engine: a process of its own that holds the model, spoken to over its standard input and output.

So the window never freezes, and a crash of torch takes no scene along. `protocol` is what goes over the wire,
`server` and `work` are the engine's side, `client` is the other one for command lines and tests.
"""
