<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>CXRAdaINSeg</name>
    <message>
        <source>Lungs in Chest Radiographs (CXRAdaINSeg)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments both lungs in frontal chest radiographs, even severely abnormal ones, with one click, and lets you correct and measure them. For research, not for diagnosis.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The method is that of Oh and Ye, CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation (arXiv 2104.05892), implemented independently.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For research, not for diagnosis.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CXRAdaINSegLib.Texts</name>
    <message>
        <source>likely good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>look</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>likely bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>without ending</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>overlays or masks made here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sessions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>folders that cannot be opened</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Passed over: {kinds}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no right lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no left lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>sides exchanged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>base in doubt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>outline unsure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>notch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unequal lungs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not a chest</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lateral</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>turned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in color</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radiographs for a round: {corrected} corrected, {approved} approved and {unlabelled} unlabelled to train on; set aside to judge it: {validation}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New since the last round: {new}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too few for a verdict: add radiographs, or name a reference set in the options.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct {missing} more of those set aside for a verdict.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radiographs set aside to compare the models on (◇ in the worklist): {set_aside}, of which {reviewed} reviewed and {counting} corrected.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>single precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mixed precision with bfloat16</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the processor ({count} threads)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About {time} for {steps} steps on {device}, {precision}, measured.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{size} GB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round is starting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No sign of life from the round for {minutes} min. It may hang. If it has ended, Resume will soon be offered; Cancel gives it up and deletes it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The trainer ended unexpectedly, or was ended from outside. Resume goes on from its last checkpoint; Log shows what it wrote last.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preparing: {text}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training: {text}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comparing: {text}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round is paused. Resume goes on with it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This round cannot be read: its file round.json is damaged. Restore the file from a copy, or cancel the round, which deletes it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round failed: {text}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round is finished.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>; about {time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Python {python}: {path}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Found: {packages}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none of the packages needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Missing: {packages}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Computed by: {backend}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models: {names}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>, {size} GiB of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device: {name}{size}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CXRAdaINSegLib.Widgets</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>DICOMChestRadiographPlugin</name>
    <message>
        <source>Radiograph</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Offers each radiograph (CR or DX) of a DICOM study as an image of its own, in the DICOM module.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.AddingImages</name>
    <message>
        <source>Cancelled; what was added stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files added: {added} of {files}. Patients: {patients}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the session already, with its masks as they were.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the session already, with their masks as they were: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Originals found in another place: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} cannot be read:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and {count} more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files without a patient ID: {count}. Each counts as a separate patient. To group them, enter a pattern above and add them again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.Approval</name>
    <message>
        <source>There is no mask to approve. Segment the radiograph first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{lung}: no mask. Approve the radiograph without it?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Approve the masks anyway?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flagged by {readers}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.ClosingWindow</name>
    <message>
        <source>Closing once the model has answered for this radiograph, or is cancelled here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your last changes of {names} could not be saved and are kept in memory only: they are lost when the window closes. To save them, open the session and show the radiograph again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lose your changes?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lose them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stay</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.Comparing</name>
    <message>
        <source>The model&apos;s mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {number} of {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}, same patient</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.CurrentImage</name>
    <message>
        <source>What could not be saved before is here again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The heart&apos;s points stay in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph was not turned: its mask could not be saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last changes could not be saved and are kept in memory: open the image again to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask stays in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.DicomSaving</name>
    <message>
        <source>Saved to the DICOM database, with the radiograph&apos;s study.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The DICOM database did not take the segmentation. Open the database, and save again.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.ExportingSession</name>
    <message>
        <source>Cancelled; nothing was exported.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 radiograph</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} radiographs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 row</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{what} exported to {place}. For research, not for diagnosis.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More warnings: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.OpenSession</name>
    <message>
        <source>Open a session first, or make one: choose a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session was opened to read. Close it, and open it to write.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.OwnerTexts</name>
    <message>
        <source>The session is open in {owner}. Close it there, open it here to read, or take it over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session was taken over by {owner}. Take it over again to save your work here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>another application</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{program} (user {user}, computer {host}, since {time})</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.ReasonViews</name>
    <message>
        <source>Translated to normal</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Difference</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Probability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disagreement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph as the model translates it to a normal chest.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where radiograph and translation to a normal chest differ: the brighter, the more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How likely each pixel is lung: the brighter, the more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where student and teacher disagree on the lungs: the brighter, the more.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.Scripting</name>
    <message>
        <source>The application closes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph is not in the scene any more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph was changed or removed meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.SegmentAll</name>
    <message>
        <source>Loading the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled; the masks that were made stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All images have masks of this model or yours already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The session has no radiographs yet. Add some.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{done}/{total}, about {time} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images segmented: {done} of {total}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not readable or without contrast: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.Segmenting</name>
    <message>
        <source>Too many clicks wait already: this one was left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clicks that waited and were not applied: {count}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mask yet to remove from. Click in a lung without Ctrl first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No change: this point is already in (or outside) the mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model sees no lung where you clicked. If that was a slip, press Ctrl+Z.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model is still working on this radiograph. Wait, or cancel it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This follows once the model has answered for this radiograph, or is cancelled there.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s new mask is not shown, as you have corrected the present one. Segment replaces it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>logic.Worklist</name>
    <message>
        <source>{name} in the scene is not as its file: its masks were not added.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The outline is not closed. Double-click or Enter fills it, Escape drops it; then press again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: your mask was changed in another window. What you changed here is the newest version now; Versions... has the other.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: your heart points were changed in another window, too. Those placed here are kept.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>processes.BackgroundJob</name>
    <message>
        <source>Cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelling...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It ended with exit code {code}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>processes.ChildProcess</name>
    <message>
        <source>{program} cannot be started.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>processes.EngineProcess</name>
    <message>
        <source>The engine is not running.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is starting.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine was restarted.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine did not stop what was cancelled, so it was ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is at work.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is ready.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s answers make no sense: {error}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine was ended by the system, probably for lack of memory. Try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine ended unexpectedly (exit code {code}).</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>processes.Environments</name>
    <message>
        <source>No command is given. Enter one in the Setup section.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A model is trained by a Python on this computer, not by a command. Choose one in Setup.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That program is no Python that can run the engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No Python is chosen. Choose one in the Setup section.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is not installed yet. Install it in the Setup section.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PyTorch and what else a training needs, up to several gigabytes, are fetched from the Python Package Index into an environment in
{folder}
It can be removed here. Install?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About {size} MB are fetched from the Python Package Index into an environment in
{folder}
It can be removed here. Install?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make an environment...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install PyTorch...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The PyTorch extension fetches PyTorch, up to several gigabytes, and installs it into
{python}
The window does not answer until that is done. To leave that Python as it is, cancel, and choose an environment of its own. Install here?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to several gigabytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about {size} MB, a minute or two</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install what is missing...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{packages} are installed into
{python}
from the Python Package Index, {size}. Nothing that is there is replaced. To leave that Python as it is, cancel, and choose an environment of its own. Install?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>processes.SessionWorker</name>
    <message>
        <source>The process that reads and writes images ended.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.CheckTexts</name>
    <message>
        <source>No right lung was found. If this is a frontal chest radiograph, draw it by hand.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No left lung was found. If this is a frontal chest radiograph, draw it by hand.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The right lung lies on the right side of the image. Check whether the radiograph is mirrored; if it is not, exchange the two lungs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Without the lowest tenth of the image the model draws this lung otherwise. Check whether abdomen was taken for lung, or lung left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model is unsure where the lung ends. Check the outline before using the mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The outline has a deep notch or a loop. Check whether part of the lung is left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One lung is much smaller than the other. Check whether part of it is left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph seems to be mirrored, by the heart. Flip it, unless the heart is on the right.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This does not look like a frontal chest radiograph: do not rely on the masks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The header names a lateral view. The model knows only frontal radiographs: do not rely on the result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The header names another body part than the chest: do not rely on the result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image is in color, as a photograph is and no radiograph: do not rely on the result.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the head points to the left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it is upside down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the head points to the right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph seems to be turned and mirrored: {stands}. Rotate it, and flip it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph seems to be turned: {stands}. Rotate it.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.ChestLines</name>
    <message>
        <source>Inner thoracic width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lung height</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>heart width</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.ClickMarkers</name>
    <message>
        <source>Clicks that added</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clicks that removed</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.DicomMasks</name>
    <message>
        <source>{file}: its radiograph is not in the DICOM database. Import that first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file}: is of another size than {image}. Segment the radiograph anew.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{image} has masks already. Delete them, or load the saved ones into another scene.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.DicomRadiographs</name>
    <message>
        <source>Lungs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks of a radiograph</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lateral</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radiograph</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A radiograph by itself</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.ImageFiles</name>
    <message>
        <source>Radiographs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add radiographs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No image was found there. DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD and NIfTI can be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lungs in Chest Radiographs (CXRAdaINSeg)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.LungSegments</name>
    <message>
        <source>Right lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left lung</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lungs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.LungSides</name>
    <message>
        <source>According to the R in the view, the right lung&apos;s mask is on the patient&apos;s left. Swap sides exchanges them.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.MeasurementTable</name>
    <message>
        <source>pixels, uncalibrated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right lung area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right lung share of image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right lung height</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left lung area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left lung share of image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left lung height</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right to left ratio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Inner thoracic width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Heart width, by hand</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cardiothoracic ratio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right lung quality</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left lung quality</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask called right lung is on the patient&apos;s left. Check the names before using the sizes.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>AP view: the heart is magnified more than on a PA view, and the ratio larger.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>lung measurements</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.QualityMarks</name>
    <message>
        <source>Look here</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.ShutterLines</name>
    <message>
        <source>Shutter</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.SliceClicks</name>
    <message>
        <source>The mouse was dragged: to segment, click without moving.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.SliceViews</name>
    <message>
        <source>In the view, {cover} lies over {name}. Choose the radiograph again to show it alone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The view shows {name}, which is not a radiograph. Choose a radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The view shows no radiograph. Choose one.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.StrayMasks</name>
    <message>
        <source>Hidden: {names}. Masks from a file are shown only over the radiograph that they were made of, if that has no others and is not a session&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.VolumeImages</name>
    <message>
        <source>{name} has {count} slices; a radiograph has one. Choose a frontal chest radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} has {count} values a pixel; gray or color is needed. Export it as gray.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The volume holds no image. Load it again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} looks like a mask, not a radiograph: it holds only {count} values.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>scene.Windows</name>
    <message>
        <source>As in the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Full range</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lungs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bones and mediastinum</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.CompareRow</name>
    <message>
        <source>Compare ({key})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show beside it the model&apos;s mask, another reader&apos;s, an older version, or another radiograph of the same patient. Only the first view is worked on. Key: {key}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What is shown beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to compare this radiograph with.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For comparison</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.CorrectSection</name>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take back the last change of the masks or the heart&apos;s points, or a click that waits. Ctrl+Z</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Redo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make the change again that was taken back last. Ctrl+Y</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset to &amp;model&apos;s mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give up the corrections; this can be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep largest pieces</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove all but the largest piece of each lung&apos;s mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Correct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to redo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No change: each lung&apos;s mask is one piece.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys 1 to 9 choose a tool once click-to-segment is off: press Escape first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys 1 to 9 choose a tool: unfold Correct first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mask to correct. Segment the radiograph first.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.Decisions</name>
    <message>
        <source>Approve these masks?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Approve</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This was your first mask. {button} has the others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mask before this one.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.DicomBox</name>
    <message>
        <source>Save to DICOM database</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add the masks as a DICOM segmentation (SEG) to the radiograph&apos;s study, patient&apos;s name included. For radiographs that were loaded from the DICOM database. Research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; nothing is added to the database.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.DiskBox</name>
    <message>
        <source>Environment:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the environment that was made here. It can be made again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete all models made by rounds. The bundled one stays, and is used then.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File names:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget the names of the files that sessions of copies were made from.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Session:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the folder in the computer&apos;s own file manager.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ExportBox</name>
    <message>
        <source>One CSV of the whole session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG images and masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>NIfTI</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nnU-Net data set</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>COCO</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>DICOM Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The CSV has status, sizes, model, reading time and agreement of readers; the others hold radiographs and masks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected and approved masks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s masks, too</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which radiographs are exported, by the status of their masks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>With names, which may identify patients</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The names of images and readers and, for DICOM, the original files. Numbers stand for them otherwise.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose where to, and export in the background.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop; nothing of the export is kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Format:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export the session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an empty folder, or make one</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.InputRow</name>
    <message>
        <source>Choose or add one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The frontal chest radiograph to work on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Add images...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load radiographs from DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD or NIfTI files. Files and folders can also be dropped on this panel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Other files are being read. Wait for them, or cancel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was open already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} was added, but not shown, because you went on. Choose it above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: not all of the images were read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.LeavingImage</name>
    <message>
        <source>The session was opened to read: your changes of {name} are not kept. Leave it and lose them?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lose your changes?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lose them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stay</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.MeasureSection</name>
    <message>
        <source>Measurement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sizes by the masks as they are; also kept as a table in the scene.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as CSV...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write the measurements to a file for spreadsheets. Research use only.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the measurements as text, for a spreadsheet or a report.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Place heart width</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click at the heart&apos;s right and left border; drag the points later. Their distance across is the heart&apos;s width, and over the inner thoracic width the cardiothoracic ratio. By hand, because no openly licensed masks of hearts exist to train a model on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the heart&apos;s points, and so its width and the ratio; press again to bring them back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw ({key})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw in the view where each is measured. Key: {key}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measurements (research use only)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment a radiograph to measure its lungs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No pixel spacing in the file; sizes are in pixels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sizes at the detector, where the header gives no other: magnification included.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mask to measure. Segment the radiograph first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save measurements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} cannot be written ({reason}). Choose another folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click at the heart&apos;s right and left border; drag the points later. Escape gives up.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ModelsBox</name>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compared</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The models kept here; choose one to use or delete it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment with the chosen model from now on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Roll &amp;back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the model again that was in use before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the chosen model. Neither the model in use nor the bundled one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No models of rounds are kept here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the models of rounds ({count}), which frees {size}? The bundled model is used from then on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the models?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the model {name} {version}, which frees {size}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the model?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{size} were freed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} (in use)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.OverlayControls</name>
    <message>
        <source>How much of the radiograph the masks cover. Hold {key} to hide them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>O&amp;utline</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw the masks&apos; edges.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>S&amp;wap sides</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exchange right and left lung, where the radiograph is mirrored.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opacity:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model sees:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no mask to hide.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RadiographInView</name>
    <message>
        <source>Add radiograph in view</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show original</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave the copy, and show the session&apos;s own radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring the radiograph in view into the session, with its masks: for you to review.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the masks of this copy as your newest version of {name}, and show the original.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The view shows a copy of {name} of this session. Strokes on it are not kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file of this radiograph is not known. Add its file to the session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is in the session already. Your work on it stays as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace your work?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The view shows no radiograph. Choose one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The radiograph in the view is in the session already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radiographs are being added. Wait for them, or cancel.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Added for review: these masks were not changed here under your name. Approve them, or correct them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is in the session already, with work of yours. Replace it by the masks and heart points in the view? Your present mask stays as an older version.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ReadingButtons</name>
    <message>
        <source>Previous</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the mask and show the image before.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the mask and show the next image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unreviewed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the mask and show the next image that you have not reviewed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Approve</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask is right, and rounds may train on it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Approve, next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The mask is right; keep it approved and show the next image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flag</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Put the image aside until you approve it: no round trains on it, unless another reader has a mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hint} Key: {key}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RefusalTexts</name>
    <message>
        <source>Not approved: the mask has just changed. Look at it, then press again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not approved: the model has given no answer. To approve the mask as it is, press again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The highlighted image is not in the view yet. Press again once it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No image of the list is in the view. Choose one first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list has no images. Add some, or change the filter.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That was the last image of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That is the first image of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You have reviewed all images of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The list has no other image that passes the filter. Change the filter to go on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No image that can be shown is left in the session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Arrow keys do not go on while a tool is chosen; N and P do.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RemovingImage</name>
    <message>
        <source>Remove {name} from the session? Its pixels and masks stay in the session&apos;s folder, and come back when it is added again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the image?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RoundCurves</name>
    <message>
        <source>step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{title}: no values yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training: loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training: Dice in validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>student</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>student, opaque</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>direct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>direct, opaque</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mean</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RoundOptions</name>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light, with pseudo-labels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The paper&apos;s recipe</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light: short, for one or two CPU cores. With pseudo-labels: where nobody has corrected a mask, the model learns its own, as far as it draws the whole image and parts of it alike. The paper&apos;s recipe takes hours there, minutes on a GPU.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes a round longer or shorter by this factor.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far each step changes the model; the recipe&apos;s own is set.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with manifest.csv, images and masks that the model was first trained on, to train on along with the session. Without it, the model is held to what it knows of normal radiographs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A folder with manifest.csv, images and masks on which the models are also compared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CUDA</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Apple GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the round is computed. Automatic: on a GPU where there is one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recipe:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training length (×):</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learning rate:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Base data:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reference:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Options</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks of {reader}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Learn from this reader&apos;s masks, and compare by them. The count above is of all readers.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.RoundWatch</name>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>End after the step at hand and keep a checkpoint.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on from the last checkpoint.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give the round up and delete what it has made; asks first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Curves</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show loss and validation below the radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show what the trainer has written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The trainer&apos;s last messages.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give up the round, and delete what it has made ({size})?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give up the round?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Give up and delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on training</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round was cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another application started the round. It ends after the step at hand (process {pid}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round is being cancelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round ends after the step at hand and keeps a checkpoint.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The round finished before it was cancelled. Nothing was deleted.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.SegmentSection</name>
    <message>
        <source>Student</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Direct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Student: one pass, made for abnormal radiographs. Teacher: translates to a normal chest first. Direct: as for a normal radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the model runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find both lungs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Click to segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click in a lung to segment it (Shift: both lungs). Click again to add what was missed, Ctrl and click to remove. Ctrl+Z takes a click back, Escape leaves.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the model; the masks stay as they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How likely the model&apos;s masks are right, and why: estimated from the masks. Likely good is not a promise. A ring in the view marks where to look.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Radiograph:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mode:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Turned:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No radiograph is chosen. Choose or add one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This radiograph is not in the view. Choose it again to show it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a frontal chest radiograph, or drop files here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>CPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You have corrected or approved these masks. Replace them with the model&apos;s?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace your masks?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Replace mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your masks stay as they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmented by {model} on {device}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segmented by {model} on {device} in {seconds} s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.SessionJobs</name>
    <message>
        <source>Add f&amp;iles...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring radiographs into the session. They can also be dropped here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add f&amp;older...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All radiographs in a folder and its subfolders. A DICOM series is such a folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment a&amp;ll</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Have the model make masks, in the background, where there are none yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop adding or segmenting; what was done stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>each image is one patient</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What in a file&apos;s name tells patients apart, a regular expression such as pat[0-9]+, for files that do not say it, such as PNG. Then all images of a patient are in training or all in validation. To say it later, add the files again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Patient from file name:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a folder of radiographs</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.SessionRows</name>
    <message>
        <source>A folder that holds radiographs and every version of their masks. A new or empty one is made a session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open that folder&apos;s session or make one there; once open, close it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take over</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write here from now on; the other application can then save no more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open to read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at the session without keeping anything in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open to read: no masks, approvals or flags are kept.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies of the images</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>References to the files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether a new session holds the images or only names their files.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whose corrections these are. Several readers of an image are kept apart. The list has the session&apos;s readers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Session:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reader:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Create</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The last changes could not be saved. Close the session without saving them? They stay in the scene, and come back when the session is opened again before this window is closed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close without saving?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close without saving</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A reader cannot be called {name}: the model is. Enter another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is a new reader in this session. If that is a slip, choose your name in the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} is one of the session&apos;s readers already: your work is kept under that name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>De-identified: the session holds the pixels, and of a DICOM header only what describes the technique; no name, date, number or place. Images are numbered; their files&apos; names are kept on this computer only. What is written in the pixels stays.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not de-identified: the session holds the files&apos; names and folders, which may tell patients&apos;, and small pictures of them. The files must stay where they are.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>reader</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.SetupSection</name>
    <message>
        <source>The application&apos;s Python</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>An environment of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another Python</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which Python runs the engine, the process with the model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A Python with ONNX Runtime or PyTorch, or a command that starts the engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose the Python&apos;s file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chec&amp;k</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at what that Python has, and start the engine in it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says what it would fetch and where to, and asks first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop looking or installing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages of the installation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy &amp;diagnostics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy what a report of a problem needs: versions, devices, messages.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine runs in:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Setup</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the environment in
{folder}?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the environment?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget the files&apos; names? The lists of sessions then show only numbers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget the names?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>path of a Python</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a Python</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Setup: something is missing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Install</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ToolHints</name>
    <message>
        <source>Drag to paint. Shift and the mouse wheel: size of the brush.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag to erase. Shift and the mouse wheel: size of the brush.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click corners or drag an outline. Right-click, double-click or Enter closes and fills it; x removes the last point.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag around a part; the operation above says what becomes of it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to see an outline of equal brightness; click to add what it encloses.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps or removes connected pieces. For both lungs: Keep largest pieces.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Median, opening, closing or Gaussian, then Apply. Joint smoothing is for volumes, not for one image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Grows the mask, or shrinks it, then Apply.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a range, then Apply: of the chosen lung, what is within it stays. To add outside the lung, set Editable area to Everywhere.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.TrainSection</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop measuring, or trying a model; nothing has been changed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Es&amp;timate time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find out how long a round takes here, by doing a few of its steps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a &amp;round</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trains beside the application, and goes on when that is closed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a session in the worklist to train on it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Meanwhile something has changed that the time depends on. Estimate again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trying a few steps, to see how long they take...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trying the model...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model was not put in use. {reason}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine has loaded {model}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.TrainingSetup</name>
    <message>
        <source>Install what training needs...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says what it would fetch and where to, and asks first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop looking or installing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>To train, this is missing: {packages}.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.TurnRow</name>
    <message>
        <source>How the radiograph is turned to stand upright: as its header says, until you choose another turn. Its file stays as it is, and so do exports.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo turn</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set the radiograph upright, and segment it again. The file stays as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show and segment the radiograph as its file has it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The turn has exchanged right and left, and so the sides of the masks. Check them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As in the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rotated by {degrees}°, flipped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rotated by {degrees}°</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rotate and flip</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flip</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.VerdictBox</name>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Figures, and the worst cases side by side, as a web page.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Promote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the new model from now on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep curre&amp;nt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stay with the model in use. The new one can be promoted later.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No program here shows web pages. The report is {file}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The new model is worse. Promote it all the same?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too few radiographs were compared to tell which is better. Promote the new model?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Promote?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Promote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep current</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} {version} is in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name} stays in use.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.VerdictTexts</name>
    <message>
        <source>better</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no better</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>worse</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too few to tell</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You put the new model in use; now it is {used}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You kept the model in use, now {used}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The new model is in use.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You can still promote the new model.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left out of training: {count}; the log says why.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model it was trained from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Better than {old}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worse than {old} on {sets}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worse than {old}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No better than {old} for certain: it loses on {sets}, too few to tell, and differs from masks that were approved unchanged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No better than {old} for certain: it loses on {sets}, too few to tell.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No better than {old} for certain: it differs from masks that were approved unchanged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No better than {old}: the interval includes no change.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Too few to tell. Images compared: {count}; at least {fewest} images of {patients} patients are needed. Correct radiographs that are set aside too, or name a reference set.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The new model was not compared.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>95 % interval {low} to {high}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no interval, with so few patients</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dice of the new model {new}, of the one it was trained from {old}; difference {gain} ({interval}). Images: {count}; patients: {patients}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On {set} only: {verdict}, Dice {gain} (images: {count}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Masks approved unchanged: {count}. They cannot be used to compare models; the new model agrees with them to Dice {dice}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left out of references: {count}; the report says why.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Could not be compared: {names}; the report says why.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the session</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.VersionsDialog</name>
    <message>
        <source>Versions of {name}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reader</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take this mask back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Make it your newest version, while its image is in the view; the others stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture is being drawn...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version {number} is your newest one now. The others are kept.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ViewLabels</name>
    <message>
        <source>{number} of {count}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>opened to read: strokes and points are not kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>copy of {name}: strokes are not kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not in the session</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{status}, changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>approved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>corrected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model&apos;s mask</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.ViewSection</name>
    <message>
        <source>Window and level by the radiograph&apos;s values; for lungs by its masks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag to adjust</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drag in the view with the left button: up and down for level, sideways for window. A tool or click-to-segment ends this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Invert ({key})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show dark as bright. Key: {key}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the whole radiograph.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1:1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show each pixel of the radiograph by one of the screen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep for the next radiographs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show others with the same window, inverted alike, and fitted or 1:1 alike.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>View</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Color images have no window and cannot be inverted.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.WorklistModel</name>
    <message>
        <source>unlabelled</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>corrected</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>approved</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>flagged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quality</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reader</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The image&apos;s name in the session.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far the image is: from unlabelled to approved. A flag after it is another reader&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether the worse lung of the model&apos;s mask is likely right, and the probability of that.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What may be wrong with the image or the model&apos;s mask.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whose mask it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where several readers have a mask: their mean Dice of the right and the left lung.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How long you have worked on the image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Set aside: models are compared on it, and never trained on it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This file cannot be read and is no radiograph of the session. Click to see why.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.WorklistSection</name>
    <message>
        <source>Remove image...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take the highlighted image out of the session; asks first, and keeps its masks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at all versions of the shown image&apos;s mask, and take one back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earlier mask</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring back the mask that you had before this one; press again to go further back. Nothing is lost: all are versions. Undo (Ctrl+Z) reaches back to when the image was opened, no further.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add radiographs: files or whole folders, or drop them here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A session is a folder that keeps radiographs and every version of their masks, for correcting one after the other and for training. Choose one, or an empty folder to begin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to undo since this image was opened. {button}, in the worklist, goes further back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing to undo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: the model has a new mask. Choose the image in the list again to see it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: the model&apos;s new mask is shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{name}: the newest mask by {reader} is shown.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>sections.WorklistTable</name>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>set aside</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which images are listed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By status</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most useful first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most useful first: the masks that are most likely wrong. Some of those that are set aside are among them, so that models can be compared. Those without a score come last.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name, file or reader</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lists images with this text in their name, their file&apos;s name or reader.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click a row, or press Enter on it, to show its image.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Images: {shown} of {total}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your time: {time}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
