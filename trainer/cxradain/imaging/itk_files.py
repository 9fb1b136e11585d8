"""Files as SimpleITK takes them: by a path in UTF-8 and with a reader that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .image_data import ImageFault

if TYPE_CHECKING:
    import SimpleITK


def itk_path(path: Path) -> str:
    """The path as SimpleITK takes it. Raises ImageFault for one that would end the process."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise ImageFault("has a name, or a folder's, that is not in UTF-8. Rename it.") from None
    return str(path)


def itk_reader(path: Path, kind: str) -> SimpleITK.ImageFileReader:
    """A reader of a file by ITK's `kind`; named, for left to choose ITK may try others on a damaged one.

    Raises ImageFault as `itk_path`.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetImageIO(kind)
    reader.SetFileName(itk_path(path))
    return reader


def volume_io(path: Path) -> str:
    """ITK's name for the reader of a NRRD, NIfTI or MetaImage file; of one without an ending, NRRD's."""
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        return "NiftiImageIO"
    return "MetaImageIO" if name.endswith((".mha", ".mhd")) else "NrrdImageIO"
