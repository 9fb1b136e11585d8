"""What the module does with the radiograph at hand and the session, without widgets."""
