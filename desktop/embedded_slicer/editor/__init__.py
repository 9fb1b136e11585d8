"""qMRMLSegmentEditorWidget and its effects, based on 3D Slicer's own vtkSlicerSegmentEditorLogic."""
