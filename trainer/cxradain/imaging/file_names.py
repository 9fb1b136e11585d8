"""XXX"""

from __future__ import annotations

DICOM_ENDINGS = (".dcm", ".dicom", ".dic")
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff")
VOLUME_ENDINGS = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
ENDINGS = DICOM_ENDINGS + PICTURE_ENDINGS + VOLUME_ENDINGS
