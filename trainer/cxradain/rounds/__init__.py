"""A round of training: a session's corrections improve a model, and the gate judges whether they did."""
