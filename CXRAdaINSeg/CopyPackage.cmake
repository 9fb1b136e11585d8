# The build tree's copy of what stands beside the module: cmake -DFROM=checkout -DTO=folder -P CopyPackage.cmake
# `cmake -E copy_directory` would take __pycache__ and what only developers need along.
foreach(folder trainer/cxradain Resources/Models Resources/SampleData Resources/SampleMasks Resources/SampleThumbnails
        Resources/SampleCalibrated)
  get_filename_component(parent "${TO}/${folder}" DIRECTORY)
  file(COPY "${FROM}/${folder}" DESTINATION "${parent}" PATTERN "__pycache__" EXCLUDE)
endforeach()
foreach(list run train lock)
  file(COPY "${FROM}/requirements/${list}.txt" DESTINATION "${TO}/requirements")
endforeach()
