"""The panel's sections: widgets and their texts."""
