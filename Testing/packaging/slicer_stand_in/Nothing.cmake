# Slicer makes the extension's configuration here.
