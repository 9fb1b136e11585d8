"""qMRMLSegmentEditorWidget and its effects, over 3D Slicer's own vtkSlicerSegmentEditorLogic."""
