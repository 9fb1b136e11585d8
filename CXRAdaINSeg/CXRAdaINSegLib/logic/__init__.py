"""The module's logic for the current radiograph and the session, without widgets."""
