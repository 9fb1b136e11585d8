# Slicer makes the package here; the test reads what it would have said of it.
set(metadata "")
foreach(name HOMEPAGE CATEGORY CONTRIBUTORS DESCRIPTION ICONURL SCREENSHOTURLS DEPENDS TIER LICENSE_FILE README_FILE)
  string(APPEND metadata "${name}=${EXTENSION_${name}}\n")
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/metadata.txt "${metadata}")
