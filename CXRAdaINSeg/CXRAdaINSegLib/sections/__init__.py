"""The panel's sections and their widgets."""
