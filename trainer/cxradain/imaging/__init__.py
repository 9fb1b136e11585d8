"""Radiographs and masks as arrays and files: DICOM, pictures and volumes, orientation, letterbox, lungs,
quality."""
