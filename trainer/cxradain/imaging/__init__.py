"""Radiographs and masks as arrays and files: DICOM, pictures, volumes, letterbox, lungs."""
