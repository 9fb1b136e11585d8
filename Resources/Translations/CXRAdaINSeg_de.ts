<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>CXRAdaINSeg</name>
    <message>
        <source>Lungs in Chest Radiographs (CXRAdaINSeg)</source>
        <translation>Lungen in Thorax-Röntgenbildern (CXRAdaINSeg)</translation>
    </message>
    <message>
        <source>Segments both lungs in frontal chest radiographs, even severely abnormal ones, with one click, and lets you correct and measure them. For research, not for diagnosis.</source>
        <translation>Segmentiert beide Lungen in frontalen Thorax-Röntgenbildern, auch in stark veränderten, mit einem Klick, und lässt sie korrigieren und vermessen. Nur für die Forschung, nicht für die Diagnose.</translation>
    </message>
    <message>
        <source>The method is that of Oh and Ye, CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation (arXiv 2104.05892), implemented independently.</source>
        <translation>Die Methode ist die von Oh und Ye, CXR Segmentation by AdaIN-based Domain Adaptation and Knowledge Distillation (arXiv 2104.05892), unabhängig umgesetzt.</translation>
    </message>
    <message>
        <source>For research, not for diagnosis.</source>
        <translation>Nur für die Forschung, nicht für die Diagnose.</translation>
    </message>
</context>
<context>
    <name>CXRAdaINSegLib.Texts</name>
    <message>
        <source>likely good</source>
        <translation>wahrscheinlich gut</translation>
    </message>
    <message>
        <source>look</source>
        <translation>ansehen</translation>
    </message>
    <message>
        <source>likely bad</source>
        <translation>wahrscheinlich schlecht</translation>
    </message>
    <message>
        <source>.</source>
        <translation>,</translation>
    </message>
    <message>
        <source>without ending</source>
        <translation>ohne Endung</translation>
    </message>
    <message>
        <source>overlays or masks made here</source>
        <translation>hier entstandene Überlagerungen und Masken</translation>
    </message>
    <message>
        <source>sessions</source>
        <translation>Sitzungen</translation>
    </message>
    <message>
        <source>folders that cannot be opened</source>
        <translation>Ordner, die sich nicht öffnen lassen</translation>
    </message>
    <message>
        <source>masks</source>
        <translation>Masken</translation>
    </message>
    <message>
        <source>Passed over: {kinds}.</source>
        <translation>Übergangen: {kinds}.</translation>
    </message>
    <message>
        <source>no right lung</source>
        <translation>keine rechte Lunge</translation>
    </message>
    <message>
        <source>no left lung</source>
        <translation>keine linke Lunge</translation>
    </message>
    <message>
        <source>sides exchanged</source>
        <translation>Seiten vertauscht</translation>
    </message>
    <message>
        <source>base in doubt</source>
        <translation>Basis fraglich</translation>
    </message>
    <message>
        <source>outline unsure</source>
        <translation>Umriss unsicher</translation>
    </message>
    <message>
        <source>notch</source>
        <translation>Einkerbung</translation>
    </message>
    <message>
        <source>unequal lungs</source>
        <translation>ungleiche Lungen</translation>
    </message>
    <message>
        <source>not a chest</source>
        <translation>kein Thorax</translation>
    </message>
    <message>
        <source>lateral</source>
        <translation>seitlich</translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation>gespiegelt</translation>
    </message>
    <message>
        <source>turned</source>
        <translation>gedreht</translation>
    </message>
    <message>
        <source>in color</source>
        <translation>farbig</translation>
    </message>
    <message>
        <source>Radiographs for a round: {corrected} corrected, {approved} approved and {unlabelled} unlabelled to train on; set aside to judge it: {validation}.</source>
        <translation>Röntgenbilder für eine Runde: zum Training {corrected} korrigiert, {approved} freigegeben und {unlabelled} unbearbeitet; zur Beurteilung zurückgelegt: {validation}.</translation>
    </message>
    <message>
        <source>New since the last round: {new}.</source>
        <translation>Neu seit der letzten Runde: {new}.</translation>
    </message>
    <message>
        <source>Too few for a verdict: add radiographs, or name a reference set in the options.</source>
        <translation>Zu wenige für ein Urteil: Fügen Sie Röntgenbilder hinzu oder nennen Sie in den Optionen einen Vergleichssatz.</translation>
    </message>
    <message>
        <source>Correct {missing} more of those set aside for a verdict.</source>
        <translation>Für ein Urteil korrigieren Sie {missing} weitere der zurückgelegten.</translation>
    </message>
    <message>
        <source>Radiographs set aside to compare the models on (◇ in the worklist): {set_aside}, of which {reviewed} reviewed and {counting} corrected.</source>
        <translation>Zum Vergleich der Modelle zurückgelegte Röntgenbilder (◇ in der Arbeitsliste): {set_aside}, davon {reviewed} begutachtet und {counting} korrigiert.</translation>
    </message>
    <message>
        <source>single precision</source>
        <translation>einfache Genauigkeit</translation>
    </message>
    <message>
        <source>mixed precision with bfloat16</source>
        <translation>gemischte Genauigkeit mit bfloat16</translation>
    </message>
    <message>
        <source>the processor ({count} threads)</source>
        <translation>dem Prozessor ({count} Threads)</translation>
    </message>
    <message>
        <source>About {time} for {steps} steps on {device}, {precision}, measured.</source>
        <translation>Etwa {time} für {steps} Schritte auf {device}, {precision}, gemessen.</translation>
    </message>
    <message>
        <source>{count} s</source>
        <translation>{count} s</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} min</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} h</translation>
    </message>
    <message>
        <source>{size} GB</source>
        <translation>{size} GB</translation>
    </message>
    <message>
        <source>{size} MB</source>
        <translation>{size} MB</translation>
    </message>
    <message>
        <source>The round is starting.</source>
        <translation>Die Runde beginnt.</translation>
    </message>
    <message>
        <source>No sign of life from the round for {minutes} min. It may hang. If it has ended, Resume will soon be offered; Cancel gives it up and deletes it.</source>
        <translation>Seit {minutes} min kein Lebenszeichen von der Runde. Vielleicht hängt sie. Falls sie schon geendet hat, wird bald „Fortsetzen“ angeboten; „Abbrechen“ gibt sie auf und löscht sie.</translation>
    </message>
    <message>
        <source>The trainer ended unexpectedly, or was ended from outside. Resume goes on from its last checkpoint; Log shows what it wrote last.</source>
        <translation>Das Training endete unerwartet oder wurde von außen beendet. „Fortsetzen“ macht beim letzten Zwischenstand weiter; „Protokoll“ zeigt, was es zuletzt geschrieben hat.</translation>
    </message>
    <message>
        <source>Preparing: {text}</source>
        <translation>Vorbereitung: {text}</translation>
    </message>
    <message>
        <source>Training: {text}</source>
        <translation>Training: {text}</translation>
    </message>
    <message>
        <source>Comparing: {text}</source>
        <translation>Vergleich: {text}</translation>
    </message>
    <message>
        <source>The round is paused. Resume goes on with it.</source>
        <translation>Die Runde ist angehalten. „Fortsetzen“ macht mit ihr weiter.</translation>
    </message>
    <message>
        <source>This round cannot be read: its file round.json is damaged. Restore the file from a copy, or cancel the round, which deletes it.</source>
        <translation>Diese Runde ist nicht lesbar: Ihre Datei round.json ist beschädigt. Stellen Sie die Datei aus einer Kopie wieder her, oder brechen Sie die Runde ab, was sie löscht.</translation>
    </message>
    <message>
        <source>The round failed: {text}</source>
        <translation>Die Runde ist gescheitert: {text}</translation>
    </message>
    <message>
        <source>The round is finished.</source>
        <translation>Die Runde ist fertig.</translation>
    </message>
    <message>
        <source>; about {time} left</source>
        <translation>; noch etwa {time}</translation>
    </message>
    <message>
        <source>Python {python}: {path}</source>
        <translation>Python {python}: {path}</translation>
    </message>
    <message>
        <source>Found: {packages}.</source>
        <translation>Gefunden: {packages}.</translation>
    </message>
    <message>
        <source>none of the packages needed</source>
        <translation>keines der nötigen Pakete</translation>
    </message>
    <message>
        <source>Missing: {packages}.</source>
        <translation>Es fehlt: {packages}.</translation>
    </message>
    <message>
        <source>Computed by: {backend}</source>
        <translation>Berechnet von: {backend}</translation>
    </message>
    <message>
        <source>Models: {names}.</source>
        <translation>Modelle: {names}.</translation>
    </message>
    <message>
        <source>, {size} GiB of memory</source>
        <translation>, {size} GiB Speicher</translation>
    </message>
    <message>
        <source>Device: {name}{size}</source>
        <translation>Gerät: {name}{size}</translation>
    </message>
</context>
<context>
    <name>CXRAdaINSegLib.Widgets</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>DICOMChestRadiographPlugin</name>
    <message>
        <source>Radiograph</source>
        <translation>Röntgenbild</translation>
    </message>
    <message>
        <source>Offers each radiograph (CR or DX) of a DICOM study as an image of its own, in the DICOM module.</source>
        <translation>Bietet im DICOM-Modul jedes Röntgenbild (CR oder DX) einer Studie als eigenes Bild an.</translation>
    </message>
</context>
<context>
    <name>logic.AddingImages</name>
    <message>
        <source>Cancelled; what was added stays.</source>
        <translation>Abgebrochen; was hinzugefügt wurde, bleibt.</translation>
    </message>
    <message>
        <source>Files added: {added} of {files}. Patients: {patients}.</source>
        <translation>Hinzugefügte Dateien: {added} von {files}. Patienten: {patients}.</translation>
    </message>
    <message>
        <source>In the session already, with its masks as they were.</source>
        <translation>Bereits in der Sitzung, Masken unverändert.</translation>
    </message>
    <message>
        <source>In the session already, with their masks as they were: {count}.</source>
        <translation>Bereits in der Sitzung, Masken unverändert: {count}.</translation>
    </message>
    <message>
        <source>Originals found in another place: {count}.</source>
        <translation>Originale an anderer Stelle gefunden: {count}.</translation>
    </message>
    <message>
        <source>{count} cannot be read:</source>
        <translation>{count} nicht lesbar:</translation>
    </message>
    <message>
        <source>and {count} more.</source>
        <translation>und {count} weitere.</translation>
    </message>
    <message>
        <source>Files without a patient ID: {count}. Each counts as a separate patient. To group them, enter a pattern above and add them again.</source>
        <translation>Dateien ohne Patientenkennung: {count}. Jede zählt als eigener Patient. Um sie zusammenzufassen, geben Sie oben ein Muster an und fügen Sie die Dateien erneut hinzu.</translation>
    </message>
</context>
<context>
    <name>logic.Approval</name>
    <message>
        <source>There is no mask to approve. Segment the radiograph first.</source>
        <translation>Es gibt keine Maske, die freigegeben werden könnte. Segmentieren Sie das Röntgenbild zuerst.</translation>
    </message>
    <message>
        <source>{lung}: no mask. Approve the radiograph without it?</source>
        <translation>{lung}: keine Maske. Die Aufnahme ohne sie freigeben?</translation>
    </message>
    <message>
        <source>Approve the masks anyway?</source>
        <translation>Die Masken trotzdem freigeben?</translation>
    </message>
    <message>
        <source>Flagged by {readers}.</source>
        <translation>Markiert von {readers}.</translation>
    </message>
</context>
<context>
    <name>logic.ClosingWindow</name>
    <message>
        <source>Closing once the model has answered for this radiograph, or is cancelled here.</source>
        <translation>Das Fenster wird geschlossen, sobald das Modell für dieses Röntgenbild geantwortet hat oder hier abgebrochen wird.</translation>
    </message>
    <message>
        <source>Your last changes of {names} could not be saved and are kept in memory only: they are lost when the window closes. To save them, open the session and show the radiograph again.</source>
        <translation>Ihre letzten Änderungen an {names} konnten nicht gespeichert werden und sind nur im Arbeitsspeicher: Sie gehen verloren, wenn das Fenster geschlossen wird. Um sie zu speichern, öffnen Sie die Sitzung und zeigen Sie das Röntgenbild noch einmal an.</translation>
    </message>
    <message>
        <source>Lose your changes?</source>
        <translation>Änderungen verlieren?</translation>
    </message>
    <message>
        <source>Lose them</source>
        <translation>Verlieren</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Bleiben</translation>
    </message>
</context>
<context>
    <name>logic.Comparing</name>
    <message>
        <source>The model&apos;s mask</source>
        <translation>Maske des Modells</translation>
    </message>
    <message>
        <source>Version {number} of {time}</source>
        <translation>Version {number} vom {time}</translation>
    </message>
    <message>
        <source>{name}, same patient</source>
        <translation>{name}, derselbe Patient</translation>
    </message>
</context>
<context>
    <name>logic.CurrentImage</name>
    <message>
        <source>What could not be saved before is here again.</source>
        <translation>Was nicht gespeichert werden konnte, ist wieder da.</translation>
    </message>
    <message>
        <source>The heart&apos;s points stay in the scene.</source>
        <translation>Die Punkte des Herzens bleiben in der Szene.</translation>
    </message>
    <message>
        <source>The radiograph was not turned: its mask could not be saved.</source>
        <translation>Das Röntgenbild wurde nicht gedreht: Seine Maske konnte nicht gespeichert werden.</translation>
    </message>
    <message>
        <source>The last changes could not be saved and are kept in memory: open the image again to go on.</source>
        <translation>Die letzten Änderungen konnten nicht gespeichert werden und bleiben im Arbeitsspeicher: Öffnen Sie das Bild wieder, um fortzufahren.</translation>
    </message>
    <message>
        <source>The mask stays in the scene.</source>
        <translation>Die Maske bleibt in der Szene.</translation>
    </message>
</context>
<context>
    <name>logic.DicomSaving</name>
    <message>
        <source>Saved to the DICOM database, with the radiograph&apos;s study.</source>
        <translation>In der DICOM-Datenbank gespeichert, bei der Studie des Röntgenbilds.</translation>
    </message>
    <message>
        <source>The DICOM database did not take the segmentation. Open the database, and save again.</source>
        <translation>Die DICOM-Datenbank hat die Segmentierung nicht angenommen. Öffnen Sie die Datenbank und speichern Sie noch einmal.</translation>
    </message>
</context>
<context>
    <name>logic.ExportingSession</name>
    <message>
        <source>Cancelled; nothing was exported.</source>
        <translation>Abgebrochen; es wurde nichts exportiert.</translation>
    </message>
    <message>
        <source>1 radiograph</source>
        <translation>1 Röntgenbild</translation>
    </message>
    <message>
        <source>{count} radiographs</source>
        <translation>{count} Röntgenbilder</translation>
    </message>
    <message>
        <source>1 row</source>
        <translation>1 Zeile</translation>
    </message>
    <message>
        <source>{count} rows</source>
        <translation>{count} Zeilen</translation>
    </message>
    <message>
        <source>{what} exported to {place}. For research, not for diagnosis.</source>
        <translation>{what} exportiert nach {place}. Für die Forschung, nicht zur Diagnose.</translation>
    </message>
    <message>
        <source>More warnings: {count}.</source>
        <translation>Weitere Warnungen: {count}.</translation>
    </message>
</context>
<context>
    <name>logic.OpenSession</name>
    <message>
        <source>Open a session first, or make one: choose a folder.</source>
        <translation>Öffnen Sie zuerst eine Sitzung, oder legen Sie eine an: Wählen Sie einen Ordner.</translation>
    </message>
    <message>
        <source>The session was opened to read. Close it, and open it to write.</source>
        <translation>Die Sitzung wurde nur zum Lesen geöffnet. Schließen Sie sie und öffnen Sie sie zum Schreiben.</translation>
    </message>
</context>
<context>
    <name>logic.OwnerTexts</name>
    <message>
        <source>The session is open in {owner}. Close it there, open it here to read, or take it over.</source>
        <translation>Die Sitzung ist geöffnet in {owner}. Schließen Sie sie dort, öffnen Sie sie hier nur zum Lesen, oder übernehmen Sie sie.</translation>
    </message>
    <message>
        <source>The session was taken over by {owner}. Take it over again to save your work here.</source>
        <translation>Die Sitzung wurde übernommen von {owner}. Übernehmen Sie sie wieder, um Ihre Arbeit hier zu speichern.</translation>
    </message>
    <message>
        <source>another application</source>
        <translation>einer anderen Anwendung</translation>
    </message>
    <message>
        <source>{program} (user {user}, computer {host}, since {time})</source>
        <translation>{program} (Benutzer {user}, Computer {host}, seit {time})</translation>
    </message>
</context>
<context>
    <name>logic.ReasonViews</name>
    <message>
        <source>Translated to normal</source>
        <translation>In normal übersetzt</translation>
    </message>
    <message>
        <source>Difference</source>
        <translation>Unterschied</translation>
    </message>
    <message>
        <source>Probability</source>
        <translation>Wahrscheinlichkeit</translation>
    </message>
    <message>
        <source>Disagreement</source>
        <translation>Uneinigkeit</translation>
    </message>
    <message>
        <source>The radiograph as the model translates it to a normal chest.</source>
        <translation>Das Röntgenbild, wie das Modell es in einen normalen Thorax übersetzt.</translation>
    </message>
    <message>
        <source>Where radiograph and translation to a normal chest differ: the brighter, the more.</source>
        <translation>Wo sich Röntgenbild und Übersetzung in einen gesunden Thorax unterscheiden: je heller, desto mehr.</translation>
    </message>
    <message>
        <source>How likely each pixel is lung: the brighter, the more.</source>
        <translation>Wie wahrscheinlich jedes Pixel Lunge ist: je heller, desto mehr.</translation>
    </message>
    <message>
        <source>Where student and teacher disagree on the lungs: the brighter, the more.</source>
        <translation>Wo sich Schüler und Lehrer über die Lungen uneins sind: je heller, desto mehr.</translation>
    </message>
</context>
<context>
    <name>logic.Scripting</name>
    <message>
        <source>The application closes.</source>
        <translation>Die Anwendung wird geschlossen.</translation>
    </message>
    <message>
        <source>The radiograph is not in the scene any more.</source>
        <translation>Das Röntgenbild ist nicht mehr in der Szene.</translation>
    </message>
    <message>
        <source>The radiograph was changed or removed meanwhile.</source>
        <translation>Das Röntgenbild wurde inzwischen geändert oder entfernt.</translation>
    </message>
</context>
<context>
    <name>logic.SegmentAll</name>
    <message>
        <source>Loading the model</source>
        <translation>Das Modell wird geladen</translation>
    </message>
    <message>
        <source>Cancelled; the masks that were made stay.</source>
        <translation>Abgebrochen; die bisherigen Masken bleiben.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>All images have masks of this model or yours already.</source>
        <translation>Alle Bilder haben schon Masken dieses Modells oder von Ihnen.</translation>
    </message>
    <message>
        <source>The session has no radiographs yet. Add some.</source>
        <translation>Die Sitzung hat noch keine Röntgenbilder. Fügen Sie welche hinzu.</translation>
    </message>
    <message>
        <source>{done}/{total}, about {time} left</source>
        <translation>{done}/{total}, noch etwa {time}</translation>
    </message>
    <message>
        <source>Images segmented: {done} of {total}.</source>
        <translation>Segmentierte Bilder: {done} von {total}.</translation>
    </message>
    <message>
        <source>Not readable or without contrast: {count}.</source>
        <translation>Nicht lesbar oder ohne Kontrast: {count}.</translation>
    </message>
</context>
<context>
    <name>logic.Segmenting</name>
    <message>
        <source>Too many clicks wait already: this one was left out.</source>
        <translation>Es warten schon zu viele Klicks: Dieser wurde ausgelassen.</translation>
    </message>
    <message>
        <source>Clicks that waited and were not applied: {count}.</source>
        <translation>Klicks, die warteten und nicht angewandt wurden: {count}.</translation>
    </message>
    <message>
        <source>There is no mask yet to remove from. Click in a lung without Ctrl first.</source>
        <translation>Es gibt noch keine Maske, aus der entfernt werden könnte. Klicken Sie zuerst ohne Strg in eine Lunge.</translation>
    </message>
    <message>
        <source>No change: this point is already in (or outside) the mask.</source>
        <translation>Keine Änderung: Dieser Punkt liegt schon in der Maske (oder außerhalb).</translation>
    </message>
    <message>
        <source>The model sees no lung where you clicked. If that was a slip, press Ctrl+Z.</source>
        <translation>Das Modell sieht dort, wo Sie geklickt haben, keine Lunge. War es ein Versehen, drücken Sie Strg+Z.</translation>
    </message>
    <message>
        <source>The model is still working on this radiograph. Wait, or cancel it.</source>
        <translation>Das Modell arbeitet noch an diesem Röntgenbild. Warten Sie, oder brechen Sie es ab.</translation>
    </message>
    <message>
        <source>This follows once the model has answered for this radiograph, or is cancelled there.</source>
        <translation>Das folgt, sobald das Modell zu dieser Aufnahme geantwortet hat oder dort abgebrochen wird.</translation>
    </message>
    <message>
        <source>The model&apos;s new mask is not shown, as you have corrected the present one. Segment replaces it.</source>
        <translation>Die neue Maske des Modells wird nicht gezeigt, weil Sie die jetzige korrigiert haben. Segmentieren ersetzt sie.</translation>
    </message>
</context>
<context>
    <name>logic.Worklist</name>
    <message>
        <source>{name} in the scene is not as its file: its masks were not added.</source>
        <translation>{name} ist in der Szene anders als in seiner Datei: die Masken wurden nicht hinzugefügt.</translation>
    </message>
    <message>
        <source>The outline is not closed. Double-click or Enter fills it, Escape drops it; then press again.</source>
        <translation>Der Umriss ist nicht geschlossen. Doppelklick oder Eingabetaste füllt ihn, Escape verwirft ihn; drücken Sie dann noch einmal.</translation>
    </message>
    <message>
        <source>{name}: your mask was changed in another window. What you changed here is the newest version now; Versions... has the other.</source>
        <translation>{name}: Ihre Maske wurde in einem anderen Fenster geändert. Was Sie hier geändert haben, ist jetzt die neueste Fassung; die andere steht unter Fassungen...</translation>
    </message>
    <message>
        <source>{name}: your heart points were changed in another window, too. Those placed here are kept.</source>
        <translation>{name}: Ihre Herzpunkte wurden auch in einem anderen Fenster geändert. Die hier gesetzten bleiben.</translation>
    </message>
</context>
<context>
    <name>processes.BackgroundJob</name>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Cancelling...</source>
        <translation>Wird abgebrochen...</translation>
    </message>
    <message>
        <source>It ended with exit code {code}.</source>
        <translation>Es endete mit dem Exit-Code {code}.</translation>
    </message>
</context>
<context>
    <name>processes.ChildProcess</name>
    <message>
        <source>{program} cannot be started.</source>
        <translation>{program} lässt sich nicht starten.</translation>
    </message>
</context>
<context>
    <name>processes.EngineProcess</name>
    <message>
        <source>The engine is not running.</source>
        <translation>Das Rechenprogramm läuft nicht.</translation>
    </message>
    <message>
        <source>The engine is starting.</source>
        <translation>Das Rechenprogramm startet.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>The engine was restarted.</source>
        <translation>Das Rechenprogramm wurde neu gestartet.</translation>
    </message>
    <message>
        <source>The engine did not stop what was cancelled, so it was ended.</source>
        <translation>Das Rechenprogramm brach nicht ab, was es sollte, und wurde beendet.</translation>
    </message>
    <message>
        <source>The engine is at work.</source>
        <translation>Das Rechenprogramm arbeitet.</translation>
    </message>
    <message>
        <source>The engine is ready.</source>
        <translation>Das Rechenprogramm ist bereit.</translation>
    </message>
    <message>
        <source>The engine&apos;s answers make no sense: {error}</source>
        <translation>Die Antworten des Rechenprogramms sind unverständlich: {error}</translation>
    </message>
    <message>
        <source>The engine was ended by the system, probably for lack of memory. Try again.</source>
        <translation>Das System hat das Rechenprogramm beendet, vermutlich weil der Arbeitsspeicher nicht reichte. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The engine ended unexpectedly (exit code {code}).</source>
        <translation>Das Rechenprogramm endete unerwartet (Exit-Code {code}).</translation>
    </message>
</context>
<context>
    <name>processes.Environments</name>
    <message>
        <source>No command is given. Enter one in the Setup section.</source>
        <translation>Es ist kein Befehl angegeben. Tragen Sie einen im Abschnitt „Einrichtung“ ein.</translation>
    </message>
    <message>
        <source>A model is trained by a Python on this computer, not by a command. Choose one in Setup.</source>
        <translation>Ein Modell wird von einem Python auf diesem Computer trainiert, nicht von einem Befehl. Wählen Sie eines unter „Einrichtung“.</translation>
    </message>
    <message>
        <source>That program is no Python that can run the engine.</source>
        <translation>Dieses Programm ist kein Python, in dem das Rechenprogramm laufen kann.</translation>
    </message>
    <message>
        <source>No Python is chosen. Choose one in the Setup section.</source>
        <translation>Es ist kein Python gewählt. Wählen Sie eines im Abschnitt „Einrichtung“.</translation>
    </message>
    <message>
        <source>The engine is not installed yet. Install it in the Setup section.</source>
        <translation>Das Rechenprogramm ist noch nicht installiert. Installieren Sie es im Abschnitt „Einrichtung“.</translation>
    </message>
    <message>
        <source>PyTorch and what else a training needs, up to several gigabytes, are fetched from the Python Package Index into an environment in
{folder}
It can be removed here. Install?</source>
        <translation>PyTorch und was ein Training sonst braucht, bis zu mehreren Gigabyte, wird vom Python Package Index in eine Umgebung geladen:
{folder}
Sie kann hier gelöscht werden. Installieren?</translation>
    </message>
    <message>
        <source>About {size} MB are fetched from the Python Package Index into an environment in
{folder}
It can be removed here. Install?</source>
        <translation>Etwa {size} MB werden vom Python Package Index in eine Umgebung geladen:
{folder}
Sie kann hier gelöscht werden. Installieren?</translation>
    </message>
    <message>
        <source>Make an environment...</source>
        <translation>Eine Umgebung anlegen...</translation>
    </message>
    <message>
        <source>Install PyTorch...</source>
        <translation>PyTorch installieren...</translation>
    </message>
    <message>
        <source>The PyTorch extension fetches PyTorch, up to several gigabytes, and installs it into
{python}
The window does not answer until that is done. To leave that Python as it is, cancel, and choose an environment of its own. Install here?</source>
        <translation>Die Erweiterung PyTorch lädt PyTorch herunter, bis zu mehreren Gigabyte, und installiert es in
{python}
Das Fenster antwortet erst wieder, wenn das fertig ist. Damit dieses Python bleibt, wie es ist, brechen Sie ab und wählen Sie eine eigene Umgebung. Hier installieren?</translation>
    </message>
    <message>
        <source>up to several gigabytes</source>
        <translation>bis zu mehreren Gigabyte</translation>
    </message>
    <message>
        <source>about {size} MB, a minute or two</source>
        <translation>etwa {size} MB, ein bis zwei Minuten</translation>
    </message>
    <message>
        <source>Install what is missing...</source>
        <translation>Fehlendes installieren...</translation>
    </message>
    <message>
        <source>{packages} are installed into
{python}
from the Python Package Index, {size}. Nothing that is there is replaced. To leave that Python as it is, cancel, and choose an environment of its own. Install?</source>
        <translation>{packages} werden vom Python Package Index installiert ({size}) in
{python}
Nichts, was dort ist, wird ersetzt. Soll dieses Python bleiben, wie es ist, brechen Sie ab und wählen Sie eine eigene Umgebung. Installieren?</translation>
    </message>
</context>
<context>
    <name>processes.SessionWorker</name>
    <message>
        <source>The process that reads and writes images ended.</source>
        <translation>Der Prozess, der Bilder liest und schreibt, ist beendet.</translation>
    </message>
</context>
<context>
    <name>qSlicerAbstractCoreModule</name>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
    </message>
</context>
<context>
    <name>scene.CheckTexts</name>
    <message>
        <source>No right lung was found. If this is a frontal chest radiograph, draw it by hand.</source>
        <translation>Es wurde keine rechte Lunge gefunden. Wenn dies eine frontale Thoraxaufnahme ist, zeichnen Sie sie von Hand.</translation>
    </message>
    <message>
        <source>No left lung was found. If this is a frontal chest radiograph, draw it by hand.</source>
        <translation>Es wurde keine linke Lunge gefunden. Wenn dies eine frontale Thoraxaufnahme ist, zeichnen Sie sie von Hand.</translation>
    </message>
    <message>
        <source>The right lung lies on the right side of the image. Check whether the radiograph is mirrored; if it is not, exchange the two lungs.</source>
        <translation>Die rechte Lunge liegt auf der rechten Bildseite. Prüfen Sie, ob die Aufnahme gespiegelt ist; wenn nicht, vertauschen Sie die beiden Lungen.</translation>
    </message>
    <message>
        <source>Without the lowest tenth of the image the model draws this lung otherwise. Check whether abdomen was taken for lung, or lung left out.</source>
        <translation>Ohne das unterste Zehntel des Bildes zeichnet das Modell diese Lunge anders. Prüfen Sie, ob Abdomen für Lunge gehalten oder Lunge ausgelassen wurde.</translation>
    </message>
    <message>
        <source>The model is unsure where the lung ends. Check the outline before using the mask.</source>
        <translation>Das Modell ist unsicher, wo die Lunge endet. Prüfen Sie den Umriss, bevor Sie die Maske verwenden.</translation>
    </message>
    <message>
        <source>The outline has a deep notch or a loop. Check whether part of the lung is left out.</source>
        <translation>Der Umriss hat eine tiefe Kerbe oder eine Schleife. Prüfen Sie, ob ein Teil der Lunge ausgelassen ist.</translation>
    </message>
    <message>
        <source>One lung is much smaller than the other. Check whether part of it is left out.</source>
        <translation>Eine Lunge ist viel kleiner als die andere. Prüfen Sie, ob ein Teil von ihr ausgelassen ist.</translation>
    </message>
    <message>
        <source>The radiograph seems to be mirrored, by the heart. Flip it, unless the heart is on the right.</source>
        <translation>Nach der Lage des Herzens scheint die Aufnahme gespiegelt zu sein. Spiegeln Sie sie zurück, es sei denn, das Herz liegt rechts.</translation>
    </message>
    <message>
        <source>This does not look like a frontal chest radiograph: do not rely on the masks.</source>
        <translation>Das sieht nicht wie eine frontale Thoraxaufnahme aus: Verlassen Sie sich nicht auf die Masken.</translation>
    </message>
    <message>
        <source>The header names a lateral view. The model knows only frontal radiographs: do not rely on the result.</source>
        <translation>Der Header nennt eine seitliche Aufnahme. Das Modell kennt nur frontale: Verlassen Sie sich nicht auf das Ergebnis.</translation>
    </message>
    <message>
        <source>The header names another body part than the chest: do not rely on the result.</source>
        <translation>Der Header nennt eine andere Körperregion als den Thorax: Verlassen Sie sich nicht auf das Ergebnis.</translation>
    </message>
    <message>
        <source>The image is in color, as a photograph is and no radiograph: do not rely on the result.</source>
        <translation>Das Bild ist farbig, wie ein Foto und keine Röntgenaufnahme: Verlassen Sie sich nicht auf das Ergebnis.</translation>
    </message>
    <message>
        <source>the head points to the left</source>
        <translation>der Kopf zeigt nach links</translation>
    </message>
    <message>
        <source>it is upside down</source>
        <translation>sie steht auf dem Kopf</translation>
    </message>
    <message>
        <source>the head points to the right</source>
        <translation>der Kopf zeigt nach rechts</translation>
    </message>
    <message>
        <source>The radiograph seems to be turned and mirrored: {stands}. Rotate it, and flip it.</source>
        <translation>Die Aufnahme scheint gedreht und gespiegelt zu sein: {stands}. Drehen und spiegeln Sie sie.</translation>
    </message>
    <message>
        <source>The radiograph seems to be turned: {stands}. Rotate it.</source>
        <translation>Die Aufnahme scheint gedreht zu sein: {stands}. Drehen Sie sie.</translation>
    </message>
</context>
<context>
    <name>scene.ChestLines</name>
    <message>
        <source>Inner thoracic width</source>
        <translation>Innere Thoraxbreite</translation>
    </message>
    <message>
        <source>Lung height</source>
        <translation>Lungenhöhe</translation>
    </message>
    <message>
        <source>heart width</source>
        <translation>Herzbreite</translation>
    </message>
</context>
<context>
    <name>scene.ClickMarkers</name>
    <message>
        <source>Clicks that added</source>
        <translation>Klicks, die hinzufügten</translation>
    </message>
    <message>
        <source>Clicks that removed</source>
        <translation>Klicks, die entfernten</translation>
    </message>
</context>
<context>
    <name>scene.DicomMasks</name>
    <message>
        <source>{file}: its radiograph is not in the DICOM database. Import that first.</source>
        <translation>{file}: Das zugehörige Röntgenbild ist nicht in der DICOM-Datenbank. Importieren Sie es zuerst.</translation>
    </message>
    <message>
        <source>{file}: is of another size than {image}. Segment the radiograph anew.</source>
        <translation>{file}: hat eine andere Größe als {image}. Segmentieren Sie das Röntgenbild neu.</translation>
    </message>
    <message>
        <source>{image} has masks already. Delete them, or load the saved ones into another scene.</source>
        <translation>{image} hat schon Masken. Löschen Sie diese oder laden Sie die gespeicherten in eine andere Szene.</translation>
    </message>
</context>
<context>
    <name>scene.DicomRadiographs</name>
    <message>
        <source>Lungs</source>
        <translation>Lungen</translation>
    </message>
    <message>
        <source>Masks of a radiograph</source>
        <translation>Masken eines Röntgenbilds</translation>
    </message>
    <message>
        <source>lateral</source>
        <translation>seitlich</translation>
    </message>
    <message>
        <source>Radiograph</source>
        <translation>Röntgenbild</translation>
    </message>
    <message>
        <source>A radiograph by itself</source>
        <translation>Ein Röntgenbild für sich</translation>
    </message>
</context>
<context>
    <name>scene.ImageFiles</name>
    <message>
        <source>Radiographs</source>
        <translation>Röntgenbilder</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>Alle Dateien</translation>
    </message>
    <message>
        <source>Add radiographs</source>
        <translation>Röntgenbilder hinzufügen</translation>
    </message>
    <message>
        <source>No image was found there. DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD and NIfTI can be read.</source>
        <translation>Dort wurde kein Bild gefunden. Gelesen werden DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD und NIfTI.</translation>
    </message>
    <message>
        <source>Lungs in Chest Radiographs (CXRAdaINSeg)</source>
        <translation>Lungen in Thorax-Röntgenbildern (CXRAdaINSeg)</translation>
    </message>
</context>
<context>
    <name>scene.LungSegments</name>
    <message>
        <source>Right lung</source>
        <translation>Rechte Lunge</translation>
    </message>
    <message>
        <source>Left lung</source>
        <translation>Linke Lunge</translation>
    </message>
    <message>
        <source>lungs</source>
        <translation>Lungen</translation>
    </message>
</context>
<context>
    <name>scene.LungSides</name>
    <message>
        <source>According to the R in the view, the right lung&apos;s mask is on the patient&apos;s left. Swap sides exchanges them.</source>
        <translation>Nach dem R in der Ansicht liegt die Maske der rechten Lunge auf der linken Seite des Patienten. „Seiten tauschen“ vertauscht sie.</translation>
    </message>
</context>
<context>
    <name>scene.MeasurementTable</name>
    <message>
        <source>pixels, uncalibrated</source>
        <translation>Pixel, nicht kalibriert</translation>
    </message>
    <message>
        <source>Right lung area</source>
        <translation>Fläche der rechten Lunge</translation>
    </message>
    <message>
        <source>Right lung share of image</source>
        <translation>Bildanteil der rechten Lunge</translation>
    </message>
    <message>
        <source>Right lung height</source>
        <translation>Höhe der rechten Lunge</translation>
    </message>
    <message>
        <source>Left lung area</source>
        <translation>Fläche der linken Lunge</translation>
    </message>
    <message>
        <source>Left lung share of image</source>
        <translation>Bildanteil der linken Lunge</translation>
    </message>
    <message>
        <source>Left lung height</source>
        <translation>Höhe der linken Lunge</translation>
    </message>
    <message>
        <source>no mask</source>
        <translation>keine Maske</translation>
    </message>
    <message>
        <source>Right to left ratio</source>
        <translation>Verhältnis rechts zu links</translation>
    </message>
    <message>
        <source>Inner thoracic width</source>
        <translation>Innere Thoraxbreite</translation>
    </message>
    <message>
        <source>Heart width, by hand</source>
        <translation>Herzbreite, von Hand</translation>
    </message>
    <message>
        <source>Cardiothoracic ratio</source>
        <translation>Herz-Thorax-Quotient</translation>
    </message>
    <message>
        <source>Right lung quality</source>
        <translation>Qualität der rechten Lunge</translation>
    </message>
    <message>
        <source>Left lung quality</source>
        <translation>Qualität der linken Lunge</translation>
    </message>
    <message>
        <source>The mask called right lung is on the patient&apos;s left. Check the names before using the sizes.</source>
        <translation>Die als rechte Lunge bezeichnete Maske liegt auf der linken Seite des Patienten. Prüfen Sie die Namen, bevor Sie die Größen verwenden.</translation>
    </message>
    <message>
        <source>AP view: the heart is magnified more than on a PA view, and the ratio larger.</source>
        <translation>AP-Aufnahme: Das Herz ist stärker vergrößert als in PA-Projektion, und der Quotient größer.</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>lung measurements</source>
        <translation>Lungenmesswerte</translation>
    </message>
</context>
<context>
    <name>scene.QualityMarks</name>
    <message>
        <source>Look here</source>
        <translation>Hier ansehen</translation>
    </message>
</context>
<context>
    <name>scene.ShutterLines</name>
    <message>
        <source>Shutter</source>
        <translation>Blende</translation>
    </message>
</context>
<context>
    <name>scene.SliceClicks</name>
    <message>
        <source>The mouse was dragged: to segment, click without moving.</source>
        <translation>Die Maus wurde gezogen: Zum Segmentieren klicken Sie, ohne sie zu bewegen.</translation>
    </message>
</context>
<context>
    <name>scene.SliceViews</name>
    <message>
        <source>In the view, {cover} lies over {name}. Choose the radiograph again to show it alone.</source>
        <translation>In der Ansicht liegt {cover} über {name}. Wählen Sie das Röntgenbild erneut, um es allein zu zeigen.</translation>
    </message>
    <message>
        <source>The view shows {name}, which is not a radiograph. Choose a radiograph.</source>
        <translation>Die Ansicht zeigt {name}, kein Röntgenbild. Wählen Sie ein Röntgenbild.</translation>
    </message>
    <message>
        <source>The view shows no radiograph. Choose one.</source>
        <translation>Die Ansicht zeigt kein Röntgenbild. Wählen Sie eines.</translation>
    </message>
</context>
<context>
    <name>scene.StrayMasks</name>
    <message>
        <source>Hidden: {names}. Masks from a file are shown only over the radiograph that they were made of, if that has no others and is not a session&apos;s.</source>
        <translation>Ausgeblendet: {names}. Masken aus einer Datei werden nur über dem Röntgenbild gezeigt, von dem sie stammen, sofern es keine anderen hat und nicht zu einer Sitzung gehört.</translation>
    </message>
</context>
<context>
    <name>scene.VolumeImages</name>
    <message>
        <source>{name} has {count} slices; a radiograph has one. Choose a frontal chest radiograph.</source>
        <translation>{name} hat {count} Schichten; ein Röntgenbild hat eine. Wählen Sie ein frontales Thorax-Röntgenbild.</translation>
    </message>
    <message>
        <source>{name} has {count} values a pixel; gray or color is needed. Export it as gray.</source>
        <translation>{name} hat {count} Werte je Pixel; nötig sind Graustufen oder Farbe. Exportieren Sie es in Graustufen.</translation>
    </message>
    <message>
        <source>The volume holds no image. Load it again.</source>
        <translation>Das Volumen enthält kein Bild. Laden Sie es erneut.</translation>
    </message>
    <message>
        <source>{name} looks like a mask, not a radiograph: it holds only {count} values.</source>
        <translation>{name} sieht nach einer Maske aus, nicht nach einer Röntgenaufnahme: Es gibt nur {count} verschiedene Werte.</translation>
    </message>
</context>
<context>
    <name>scene.Windows</name>
    <message>
        <source>As in the file</source>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <source>Full range</source>
        <translation>Ganzer Bereich</translation>
    </message>
    <message>
        <source>Lungs</source>
        <translation>Lungen</translation>
    </message>
    <message>
        <source>Bones and mediastinum</source>
        <translation>Knochen und Mediastinum</translation>
    </message>
</context>
<context>
    <name>sections.CompareRow</name>
    <message>
        <source>Compare ({key})</source>
        <translation>Vergleichen ({key})</translation>
    </message>
    <message>
        <source>Show beside it the model&apos;s mask, another reader&apos;s, an older version, or another radiograph of the same patient. Only the first view is worked on. Key: {key}</source>
        <translation>Daneben die Maske des Modells, die eines anderen Befunders, eine ältere Version oder ein anderes Röntgenbild desselben Patienten zeigen. Bearbeitet wird nur die erste Ansicht. Taste: {key}</translation>
    </message>
    <message>
        <source>What is shown beside it.</source>
        <translation>Was daneben gezeigt wird.</translation>
    </message>
    <message>
        <source>Nothing to compare this radiograph with.</source>
        <translation>Es gibt nichts, womit dieses Röntgenbild verglichen werden kann.</translation>
    </message>
    <message>
        <source>Reading...</source>
        <translation>Wird gelesen...</translation>
    </message>
    <message>
        <source>For comparison</source>
        <translation>Zum Vergleich</translation>
    </message>
</context>
<context>
    <name>sections.CorrectSection</name>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take back the last change of the masks or the heart&apos;s points, or a click that waits. Ctrl+Z</source>
        <translation>Die letzte Änderung der Masken oder der Punkte des Herzens zurücknehmen, oder einen wartenden Klick. Strg+Z</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Make the change again that was taken back last. Ctrl+Y</source>
        <translation>Die zuletzt zurückgenommene Änderung wiederherstellen. Strg+Y</translation>
    </message>
    <message>
        <source>Reset to &amp;model&apos;s mask</source>
        <translation>Zurück zur Mask&amp;e des Modells</translation>
    </message>
    <message>
        <source>Give up the corrections; this can be undone.</source>
        <translation>Die Korrekturen verwerfen; das lässt sich rückgängig machen.</translation>
    </message>
    <message>
        <source>Keep largest pieces</source>
        <translation>Größte Teile behalten</translation>
    </message>
    <message>
        <source>Remove all but the largest piece of each lung&apos;s mask.</source>
        <translation>Von der Maske jeder Lunge nur das größte Teil behalten.</translation>
    </message>
    <message>
        <source>Correct</source>
        <translation>Korrigieren</translation>
    </message>
    <message>
        <source>Nothing to redo.</source>
        <translation>Es gibt nichts zu wiederholen.</translation>
    </message>
    <message>
        <source>No change: each lung&apos;s mask is one piece.</source>
        <translation>Keine Änderung: die Maske jeder Lunge ist ein Stück.</translation>
    </message>
    <message>
        <source>Keys 1 to 9 choose a tool once click-to-segment is off: press Escape first.</source>
        <translation>Die Tasten 1 bis 9 wählen ein Werkzeug, sobald „Durch Klicken segmentieren“ aus ist: Drücken Sie zuerst Escape.</translation>
    </message>
    <message>
        <source>Keys 1 to 9 choose a tool: unfold Correct first.</source>
        <translation>Die Tasten 1 bis 9 wählen ein Werkzeug: Klappen Sie zuerst Korrigieren auf.</translation>
    </message>
    <message>
        <source>There is no mask to correct. Segment the radiograph first.</source>
        <translation>Es gibt keine Maske, die korrigiert werden könnte. Segmentieren Sie das Röntgenbild zuerst.</translation>
    </message>
</context>
<context>
    <name>sections.Decisions</name>
    <message>
        <source>Approve these masks?</source>
        <translation>Diese Masken freigeben?</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>This was your first mask. {button} has the others.</source>
        <translation>Das war Ihre erste Maske. Die anderen stehen unter „{button}“.</translation>
    </message>
    <message>
        <source>There is no mask before this one.</source>
        <translation>Vor dieser Maske gibt es keine.</translation>
    </message>
</context>
<context>
    <name>sections.DicomBox</name>
    <message>
        <source>Save to DICOM database</source>
        <translation>In DICOM-Datenbank speichern</translation>
    </message>
    <message>
        <source>Add the masks as a DICOM segmentation (SEG) to the radiograph&apos;s study, patient&apos;s name included. For radiographs that were loaded from the DICOM database. Research use only.</source>
        <translation>Fügt die Masken als DICOM-Segmentierung (SEG) der Studie des Röntgenbilds hinzu, mit dem Namen des Patienten. Für Röntgenbilder, die aus der DICOM-Datenbank geladen wurden. Nur für die Forschung.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop; nothing is added to the database.</source>
        <translation>Abbrechen; der Datenbank wird nichts hinzugefügt.</translation>
    </message>
</context>
<context>
    <name>sections.DiskBox</name>
    <message>
        <source>Environment:</source>
        <translation>Umgebung:</translation>
    </message>
    <message>
        <source>Delete the environment that was made here. It can be made again.</source>
        <translation>Die hier angelegte Umgebung löschen. Sie lässt sich neu anlegen.</translation>
    </message>
    <message>
        <source>Models:</source>
        <translation>Modelle:</translation>
    </message>
    <message>
        <source>Delete all models made by rounds. The bundled one stays, and is used then.</source>
        <translation>Alle Modelle aus Trainingsrunden löschen. Das mitgelieferte bleibt und wird dann verwendet.</translation>
    </message>
    <message>
        <source>File names:</source>
        <translation>Dateinamen:</translation>
    </message>
    <message>
        <source>Forget the names of the files that sessions of copies were made from.</source>
        <translation>Die Namen der Dateien vergessen, aus denen Sitzungen mit Kopien entstanden sind.</translation>
    </message>
    <message>
        <source>Session:</source>
        <translation>Sitzung:</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Show the folder in the computer&apos;s own file manager.</source>
        <translation>Den Ordner im Dateimanager des Computers zeigen.</translation>
    </message>
    <message>
        <source>Remove...</source>
        <translation>Entfernen...</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>Auf diesem Computer</translation>
    </message>
    <message>
        <source>None.</source>
        <translation>Keine.</translation>
    </message>
</context>
<context>
    <name>sections.ExportBox</name>
    <message>
        <source>One CSV of the whole session</source>
        <translation>Eine CSV-Datei der ganzen Sitzung</translation>
    </message>
    <message>
        <source>PNG images and masks</source>
        <translation>Bilder und Masken als PNG</translation>
    </message>
    <message>
        <source>NIfTI</source>
        <translation>NIfTI</translation>
    </message>
    <message>
        <source>nnU-Net data set</source>
        <translation>Datensatz für nnU-Net</translation>
    </message>
    <message>
        <source>COCO</source>
        <translation>COCO</translation>
    </message>
    <message>
        <source>DICOM Segmentation</source>
        <translation>DICOM-Segmentierung</translation>
    </message>
    <message>
        <source>The CSV has status, sizes, model, reading time and agreement of readers; the others hold radiographs and masks.</source>
        <translation>Die CSV-Datei enthält Status, Größen, Modell, Lesezeit und Übereinstimmung der Befunder; die anderen enthalten Röntgenbilder und Masken.</translation>
    </message>
    <message>
        <source>Corrected and approved masks</source>
        <translation>Korrigierte und freigegebene Masken</translation>
    </message>
    <message>
        <source>The model&apos;s masks, too</source>
        <translation>Auch die Masken des Modells</translation>
    </message>
    <message>
        <source>Which radiographs are exported, by the status of their masks.</source>
        <translation>Welche Röntgenbilder exportiert werden, nach dem Status ihrer Masken.</translation>
    </message>
    <message>
        <source>With names, which may identify patients</source>
        <translation>Mit Namen, die Patienten verraten können</translation>
    </message>
    <message>
        <source>The names of images and readers and, for DICOM, the original files. Numbers stand for them otherwise.</source>
        <translation>Die Namen von Bildern und Befundern und bei DICOM die Originaldateien. Sonst stehen Nummern dafür.</translation>
    </message>
    <message>
        <source>Export...</source>
        <translation>Exportieren...</translation>
    </message>
    <message>
        <source>Choose where to, and export in the background.</source>
        <translation>Den Ort wählen und im Hintergrund exportieren.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop; nothing of the export is kept.</source>
        <translation>Anhalten; vom Export bleibt nichts.</translation>
    </message>
    <message>
        <source>Format:</source>
        <translation>Format:</translation>
    </message>
    <message>
        <source>Masks:</source>
        <translation>Masken:</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Export the session</source>
        <translation>Die Sitzung exportieren</translation>
    </message>
    <message>
        <source>Choose an empty folder, or make one</source>
        <translation>Einen leeren Ordner wählen oder anlegen</translation>
    </message>
</context>
<context>
    <name>sections.InputRow</name>
    <message>
        <source>Choose or add one</source>
        <translation>Auswählen oder hinzufügen</translation>
    </message>
    <message>
        <source>The frontal chest radiograph to work on.</source>
        <translation>Das frontale Thorax-Röntgenbild, das bearbeitet wird.</translation>
    </message>
    <message>
        <source>&amp;Add images...</source>
        <translation>Bilder hin&amp;zufügen...</translation>
    </message>
    <message>
        <source>Load radiographs from DICOM, PNG, JPEG, TIFF, BMP, WebP, NRRD or NIfTI files. Files and folders can also be dropped on this panel.</source>
        <translation>Röntgenbilder aus DICOM-, PNG-, JPEG-, TIFF-, BMP-, WebP-, NRRD- oder NIfTI-Dateien laden. Dateien und Ordner lassen sich auch auf dieses Bedienfeld ziehen.</translation>
    </message>
    <message>
        <source>Other files are being read. Wait for them, or cancel.</source>
        <translation>Andere Dateien werden gerade gelesen. Warten Sie darauf, oder brechen Sie ab.</translation>
    </message>
    <message>
        <source>{name} was open already.</source>
        <translation>{name} war schon geöffnet.</translation>
    </message>
    <message>
        <source>{name} was added, but not shown, because you went on. Choose it above.</source>
        <translation>{name} wurde hinzugefügt, aber nicht gezeigt, weil Sie weitergegangen sind. Wählen Sie es oben aus.</translation>
    </message>
    <message>
        <source>Cancelled: not all of the images were read.</source>
        <translation>Abgebrochen: Nicht alle Bilder wurden gelesen.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>sections.LeavingImage</name>
    <message>
        <source>The session was opened to read: your changes of {name} are not kept. Leave it and lose them?</source>
        <translation>Die Sitzung wurde zum Lesen geöffnet: Ihre Änderungen an {name} werden nicht behalten. Das Bild verlassen und sie verlieren?</translation>
    </message>
    <message>
        <source>Lose your changes?</source>
        <translation>Änderungen verlieren?</translation>
    </message>
    <message>
        <source>Lose them</source>
        <translation>Verlieren</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Bleiben</translation>
    </message>
</context>
<context>
    <name>sections.MeasureSection</name>
    <message>
        <source>Measurement</source>
        <translation>Messgröße</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>Einheit</translation>
    </message>
    <message>
        <source>Sizes by the masks as they are; also kept as a table in the scene.</source>
        <translation>Größen nach den Masken, wie sie sind; auch als Tabelle in der Szene.</translation>
    </message>
    <message>
        <source>Save as CSV...</source>
        <translation>Als CSV speichern...</translation>
    </message>
    <message>
        <source>Write the measurements to a file for spreadsheets. Research use only.</source>
        <translation>Die Messwerte in eine Datei für Tabellenprogramme schreiben. Nur für die Forschung.</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy the measurements as text, for a spreadsheet or a report.</source>
        <translation>Die Messwerte als Text kopieren, für eine Tabelle oder einen Bericht.</translation>
    </message>
    <message>
        <source>Place heart width</source>
        <translation>Herzbreite setzen</translation>
    </message>
    <message>
        <source>Click at the heart&apos;s right and left border; drag the points later. Their distance across is the heart&apos;s width, and over the inner thoracic width the cardiothoracic ratio. By hand, because no openly licensed masks of hearts exist to train a model on.</source>
        <translation>Klicken Sie auf den rechten und den linken Herzrand; die Punkte lassen sich später ziehen. Ihr Abstand in der Querrichtung ist die Herzbreite, und geteilt durch die innere Thoraxbreite der Herz-Thorax-Quotient. Von Hand, denn es gibt keine frei lizenzierten Herzmasken, an denen ein Modell lernen könnte.</translation>
    </message>
    <message>
        <source>Remove the heart&apos;s points, and so its width and the ratio; press again to bring them back.</source>
        <translation>Die Punkte des Herzens entfernen, mit ihnen seine Breite und den Quotienten; erneut drücken holt sie zurück.</translation>
    </message>
    <message>
        <source>Draw ({key})</source>
        <translation>Zeichnen ({key})</translation>
    </message>
    <message>
        <source>Draw in the view where each is measured. Key: {key}</source>
        <translation>In der Ansicht zeichnen, wo gemessen wird. Taste: {key}</translation>
    </message>
    <message>
        <source>Measurements (research use only)</source>
        <translation>Messwerte (nur für die Forschung)</translation>
    </message>
    <message>
        <source>Segment a radiograph to measure its lungs.</source>
        <translation>Segmentieren Sie ein Röntgenbild, um seine Lungen zu vermessen.</translation>
    </message>
    <message>
        <source>No pixel spacing in the file; sizes are in pixels.</source>
        <translation>Die Datei enthält keinen Pixelabstand; Größen in Pixeln.</translation>
    </message>
    <message>
        <source>Sizes at the detector, where the header gives no other: magnification included.</source>
        <translation>Größen am Detektor, wo der Header keine anderen nennt: einschließlich der Vergrößerung.</translation>
    </message>
    <message>
        <source>There is no mask to measure. Segment the radiograph first.</source>
        <translation>Es gibt keine Maske, die vermessen werden könnte. Segmentieren Sie das Röntgenbild zuerst.</translation>
    </message>
    <message>
        <source>Bring back</source>
        <translation>Zurückholen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Save measurements</source>
        <translation>Messwerte speichern</translation>
    </message>
    <message>
        <source>{file} cannot be written ({reason}). Choose another folder.</source>
        <translation>{file} lässt sich nicht schreiben ({reason}). Wählen Sie einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Click at the heart&apos;s right and left border; drag the points later. Escape gives up.</source>
        <translation>Klicken Sie auf den rechten und den linken Rand des Herzens; die Punkte lassen sich danach ziehen. Escape bricht ab.</translation>
    </message>
</context>
<context>
    <name>sections.ModelsBox</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Made</source>
        <translation>Erstellt</translation>
    </message>
    <message>
        <source>Compared</source>
        <translation>Verglichen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>The models kept here; choose one to use or delete it.</source>
        <translation>Die hier gespeicherten Modelle; wählen Sie eines, um es zu verwenden oder zu löschen.</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>Verwenden</translation>
    </message>
    <message>
        <source>Segment with the chosen model from now on.</source>
        <translation>Ab jetzt mit dem gewählten Modell segmentieren.</translation>
    </message>
    <message>
        <source>Roll &amp;back</source>
        <translation>Zurü&amp;cknehmen</translation>
    </message>
    <message>
        <source>Use the model again that was in use before.</source>
        <translation>Wieder das Modell verwenden, das vorher verwendet wurde.</translation>
    </message>
    <message>
        <source>Delete...</source>
        <translation>Löschen...</translation>
    </message>
    <message>
        <source>Delete the chosen model. Neither the model in use nor the bundled one.</source>
        <translation>Das gewählte Modell löschen. Weder das verwendete noch das mitgelieferte.</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>No models of rounds are kept here.</source>
        <translation>Hier sind keine Modelle aus Trainingsrunden gespeichert.</translation>
    </message>
    <message>
        <source>Delete the models of rounds ({count}), which frees {size}? The bundled model is used from then on.</source>
        <translation>Modelle aus Runden löschen ({count}) und {size} freigeben? Danach wird das mitgelieferte Modell verwendet.</translation>
    </message>
    <message>
        <source>Delete the models?</source>
        <translation>Die Modelle löschen?</translation>
    </message>
    <message>
        <source>Delete the model {name} {version}, which frees {size}?</source>
        <translation>Das Modell {name} {version} löschen und {size} freigeben?</translation>
    </message>
    <message>
        <source>Delete the model?</source>
        <translation>Das Modell löschen?</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>{size} were freed.</source>
        <translation>{size} wurden freigegeben.</translation>
    </message>
    <message>
        <source>{name} (in use)</source>
        <translation>{name} (in Gebrauch)</translation>
    </message>
</context>
<context>
    <name>sections.OverlayControls</name>
    <message>
        <source>How much of the radiograph the masks cover. Hold {key} to hide them.</source>
        <translation>Wie stark die Masken das Röntgenbild verdecken. {key} gedrückt halten, um sie auszublenden.</translation>
    </message>
    <message>
        <source>O&amp;utline</source>
        <translation>U&amp;mriss</translation>
    </message>
    <message>
        <source>Draw the masks&apos; edges.</source>
        <translation>Die Ränder der Masken zeichnen.</translation>
    </message>
    <message>
        <source>S&amp;wap sides</source>
        <translation>Seiten &amp;tauschen</translation>
    </message>
    <message>
        <source>Exchange right and left lung, where the radiograph is mirrored.</source>
        <translation>Rechte und linke Lunge tauschen, wenn das Röntgenbild gespiegelt ist.</translation>
    </message>
    <message>
        <source>Opacity:</source>
        <translation>Deckkraft:</translation>
    </message>
    <message>
        <source>What the model sees:</source>
        <translation>Was das Modell sieht:</translation>
    </message>
    <message>
        <source>There is no mask to hide.</source>
        <translation>Es gibt keine Maske, die ausgeblendet werden könnte.</translation>
    </message>
</context>
<context>
    <name>sections.RadiographInView</name>
    <message>
        <source>Add radiograph in view</source>
        <translation>Gezeigtes hinzufügen</translation>
    </message>
    <message>
        <source>Show original</source>
        <translation>Original zeigen</translation>
    </message>
    <message>
        <source>Leave the copy, and show the session&apos;s own radiograph.</source>
        <translation>Die Kopie verlassen und das Röntgenbild der Sitzung selbst zeigen.</translation>
    </message>
    <message>
        <source>Bring the radiograph in view into the session, with its masks: for you to review.</source>
        <translation>Das angezeigte Röntgenbild mit seinen Masken in die Sitzung übernehmen: zur Prüfung durch Sie.</translation>
    </message>
    <message>
        <source>Keep the masks of this copy as your newest version of {name}, and show the original.</source>
        <translation>Die Masken dieser Kopie als Ihre neueste Version von {name} behalten und das Original zeigen.</translation>
    </message>
    <message>
        <source>The view shows a copy of {name} of this session. Strokes on it are not kept.</source>
        <translation>Die Ansicht zeigt eine Kopie von {name} dieser Sitzung. Striche darauf werden nicht behalten.</translation>
    </message>
    <message>
        <source>The file of this radiograph is not known. Add its file to the session.</source>
        <translation>Die Datei dieses Röntgenbildes ist nicht bekannt. Fügen Sie der Sitzung seine Datei hinzu.</translation>
    </message>
    <message>
        <source>{name} is in the session already. Your work on it stays as it is.</source>
        <translation>{name} ist bereits in der Sitzung. Ihre Arbeit daran bleibt, wie sie ist.</translation>
    </message>
    <message>
        <source>Replace your work?</source>
        <translation>Ihre Arbeit ersetzen?</translation>
    </message>
    <message>
        <source>Replace</source>
        <translation>Ersetzen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>The view shows no radiograph. Choose one.</source>
        <translation>Die Ansicht zeigt kein Röntgenbild. Wählen Sie eines.</translation>
    </message>
    <message>
        <source>The radiograph in the view is in the session already.</source>
        <translation>Das Röntgenbild in der Ansicht ist schon in der Sitzung.</translation>
    </message>
    <message>
        <source>Radiographs are being added. Wait for them, or cancel.</source>
        <translation>Röntgenbilder werden gerade hinzugefügt. Warten Sie darauf, oder brechen Sie ab.</translation>
    </message>
    <message>
        <source>Added for review: these masks were not changed here under your name. Approve them, or correct them.</source>
        <translation>Zur Prüfung hinzugefügt: Diese Masken wurden hier nicht unter Ihrem Namen geändert. Geben Sie sie frei, oder korrigieren Sie sie.</translation>
    </message>
    <message>
        <source>{name} is in the session already, with work of yours. Replace it by the masks and heart points in the view? Your present mask stays as an older version.</source>
        <translation>{name} ist bereits in der Sitzung, mit Ihrer Arbeit daran. Soll sie durch die Masken und Herzpunkte in der Ansicht ersetzt werden? Ihre jetzige Maske bleibt als ältere Fassung erhalten.</translation>
    </message>
</context>
<context>
    <name>sections.ReadingButtons</name>
    <message>
        <source>Previous</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Keep the mask and show the image before.</source>
        <translation>Die Maske behalten und das vorige Bild zeigen.</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Keep the mask and show the next image.</source>
        <translation>Die Maske behalten und das nächste Bild zeigen.</translation>
    </message>
    <message>
        <source>Unreviewed</source>
        <translation>Unbegutachtet</translation>
    </message>
    <message>
        <source>Keep the mask and show the next image that you have not reviewed.</source>
        <translation>Die Maske behalten und das nächste Bild zeigen, das Sie noch nicht begutachtet haben.</translation>
    </message>
    <message>
        <source>Approve</source>
        <translation>Freigeben</translation>
    </message>
    <message>
        <source>The mask is right, and rounds may train on it.</source>
        <translation>Die Maske stimmt, und Runden dürfen mit ihr trainieren.</translation>
    </message>
    <message>
        <source>Approve, next</source>
        <translation>Freigeben, weiter</translation>
    </message>
    <message>
        <source>The mask is right; keep it approved and show the next image.</source>
        <translation>Die Maske ist richtig: freigeben und das nächste Bild zeigen.</translation>
    </message>
    <message>
        <source>Flag</source>
        <translation>Markieren</translation>
    </message>
    <message>
        <source>Put the image aside until you approve it: no round trains on it, unless another reader has a mask.</source>
        <translation>Das Bild beiseitelegen, bis Sie es freigeben: Keine Runde trainiert damit, es sei denn, ein anderer Befunder hat eine Maske.</translation>
    </message>
    <message>
        <source>{hint} Key: {key}</source>
        <translation>{hint} Taste: {key}</translation>
    </message>
</context>
<context>
    <name>sections.RefusalTexts</name>
    <message>
        <source>Not approved: the mask has just changed. Look at it, then press again.</source>
        <translation>Nicht freigegeben: Die Maske hat sich gerade geändert. Sehen Sie sie an und drücken Sie dann noch einmal.</translation>
    </message>
    <message>
        <source>Not approved: the model has given no answer. To approve the mask as it is, press again.</source>
        <translation>Nicht freigegeben: Das Modell hat keine Antwort gegeben. Um die Maske so freizugeben, wie sie ist, drücken Sie noch einmal.</translation>
    </message>
    <message>
        <source>The highlighted image is not in the view yet. Press again once it is.</source>
        <translation>Das markierte Bild ist noch nicht in der Ansicht. Drücken Sie erneut, sobald es da ist.</translation>
    </message>
    <message>
        <source>No image of the list is in the view. Choose one first.</source>
        <translation>Kein Bild der Liste ist in der Ansicht. Wählen Sie zuerst eines.</translation>
    </message>
    <message>
        <source>The list has no images. Add some, or change the filter.</source>
        <translation>Die Liste hat keine Bilder. Fügen Sie welche hinzu, oder ändern Sie den Filter.</translation>
    </message>
    <message>
        <source>That was the last image of the list.</source>
        <translation>Das war das letzte Bild der Liste.</translation>
    </message>
    <message>
        <source>That is the first image of the list.</source>
        <translation>Das ist das erste Bild der Liste.</translation>
    </message>
    <message>
        <source>You have reviewed all images of the list.</source>
        <translation>Sie haben alle Bilder der Liste begutachtet.</translation>
    </message>
    <message>
        <source>The list has no other image that passes the filter. Change the filter to go on.</source>
        <translation>Die Liste hat kein weiteres Bild, das zum Filter passt. Ändern Sie den Filter, um fortzufahren.</translation>
    </message>
    <message>
        <source>No image that can be shown is left in the session.</source>
        <translation>In der Sitzung ist kein Bild mehr, das angezeigt werden kann.</translation>
    </message>
    <message>
        <source>Arrow keys do not go on while a tool is chosen; N and P do.</source>
        <translation>Solange ein Werkzeug gewählt ist, blättern die Pfeiltasten nicht weiter, aber N und P.</translation>
    </message>
</context>
<context>
    <name>sections.RemovingImage</name>
    <message>
        <source>Remove {name} from the session? Its pixels and masks stay in the session&apos;s folder, and come back when it is added again.</source>
        <translation>{name} aus der Sitzung entfernen? Pixel und Masken bleiben im Ordner der Sitzung und sind wieder da, wenn es erneut hinzugefügt wird.</translation>
    </message>
    <message>
        <source>Remove the image?</source>
        <translation>Bild entfernen?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
</context>
<context>
    <name>sections.RoundCurves</name>
    <message>
        <source>step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <source>{title}: no values yet</source>
        <translation>{title}: noch keine Werte</translation>
    </message>
    <message>
        <source>Training: loss</source>
        <translation>Training: Verlust</translation>
    </message>
    <message>
        <source>Training: Dice in validation</source>
        <translation>Training: Dice in der Validierung</translation>
    </message>
    <message>
        <source>student</source>
        <translation>Schüler</translation>
    </message>
    <message>
        <source>student, opaque</source>
        <translation>Schüler, verschattet</translation>
    </message>
    <message>
        <source>direct</source>
        <translation>direkt</translation>
    </message>
    <message>
        <source>direct, opaque</source>
        <translation>direkt, verschattet</translation>
    </message>
    <message>
        <source>mean</source>
        <translation>Mittel</translation>
    </message>
</context>
<context>
    <name>sections.RoundOptions</name>
    <message>
        <source>Light</source>
        <translation>Leicht</translation>
    </message>
    <message>
        <source>Light, with pseudo-labels</source>
        <translation>Leicht, mit Pseudolabels</translation>
    </message>
    <message>
        <source>The paper&apos;s recipe</source>
        <translation>Rezept der Veröffentlichung</translation>
    </message>
    <message>
        <source>Light: short, for one or two CPU cores. With pseudo-labels: where nobody has corrected a mask, the model learns its own, as far as it draws the whole image and parts of it alike. The paper&apos;s recipe takes hours there, minutes on a GPU.</source>
        <translation>Leicht: kurz, für ein oder zwei CPU-Kerne. Mit Pseudolabels: Wo niemand eine Maske korrigiert hat, lernt das Modell seine eigene, soweit es das ganze Bild und Ausschnitte davon gleich segmentiert. Das Rezept der Veröffentlichung braucht dort Stunden, auf einer GPU Minuten.</translation>
    </message>
    <message>
        <source>Makes a round longer or shorter by this factor.</source>
        <translation>Macht eine Runde um diesen Faktor länger oder kürzer.</translation>
    </message>
    <message>
        <source>How far each step changes the model; the recipe&apos;s own is set.</source>
        <translation>Wie weit jeder Schritt das Modell ändert; eingestellt ist die des Rezepts.</translation>
    </message>
    <message>
        <source>A folder with manifest.csv, images and masks that the model was first trained on, to train on along with the session. Without it, the model is held to what it knows of normal radiographs.</source>
        <translation>Ein Ordner mit manifest.csv, Bildern und Masken, mit denen das Modell zuerst trainiert wurde; sie werden zusammen mit der Sitzung verwendet. Ohne ihn wird das Modell an dem festgehalten, was es über normale Röntgenbilder weiß.</translation>
    </message>
    <message>
        <source>A folder with manifest.csv, images and masks on which the models are also compared.</source>
        <translation>Ein Ordner mit manifest.csv, Bildern und Masken, an denen die Modelle zusätzlich verglichen werden.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>CUDA</source>
        <translation>CUDA</translation>
    </message>
    <message>
        <source>Apple GPU</source>
        <translation>Apple-GPU</translation>
    </message>
    <message>
        <source>Where the round is computed. Automatic: on a GPU where there is one.</source>
        <translation>Worauf die Runde gerechnet wird. Automatisch: auf einer GPU, wenn es eine gibt.</translation>
    </message>
    <message>
        <source>Recipe:</source>
        <translation>Rezept:</translation>
    </message>
    <message>
        <source>Training length (×):</source>
        <translation>Trainingsdauer (×):</translation>
    </message>
    <message>
        <source>Learning rate:</source>
        <translation>Lernrate:</translation>
    </message>
    <message>
        <source>Base data:</source>
        <translation>Grunddaten:</translation>
    </message>
    <message>
        <source>Reference:</source>
        <translation>Referenz:</translation>
    </message>
    <message>
        <source>Device:</source>
        <translation>Gerät:</translation>
    </message>
    <message>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <source>Masks of {reader}</source>
        <translation>Masken von {reader}</translation>
    </message>
    <message>
        <source>Learn from this reader&apos;s masks, and compare by them. The count above is of all readers.</source>
        <translation>Von den Masken dieses Befunders lernen und an ihnen vergleichen. Die Zahlen oben gelten für alle.</translation>
    </message>
</context>
<context>
    <name>sections.RoundWatch</name>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>End after the step at hand and keep a checkpoint.</source>
        <translation>Nach dem laufenden Schritt enden und einen Zwischenstand speichern.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Go on from the last checkpoint.</source>
        <translation>Beim letzten Zwischenstand weitermachen.</translation>
    </message>
    <message>
        <source>Cancel...</source>
        <translation>Abbrechen...</translation>
    </message>
    <message>
        <source>Give the round up and delete what it has made; asks first.</source>
        <translation>Die Runde aufgeben und löschen, was sie erzeugt hat; fragt vorher.</translation>
    </message>
    <message>
        <source>Curves</source>
        <translation>Kurven</translation>
    </message>
    <message>
        <source>Show loss and validation below the radiograph.</source>
        <translation>Verlust und Validierung unter dem Röntgenbild zeigen.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Show what the trainer has written.</source>
        <translation>Zeigen, was das Training geschrieben hat.</translation>
    </message>
    <message>
        <source>The trainer&apos;s last messages.</source>
        <translation>Die letzten Meldungen des Trainings.</translation>
    </message>
    <message>
        <source>Give up the round, and delete what it has made ({size})?</source>
        <translation>Die Runde aufgeben und löschen, was sie erzeugt hat ({size})?</translation>
    </message>
    <message>
        <source>Give up the round?</source>
        <translation>Runde aufgeben?</translation>
    </message>
    <message>
        <source>Give up and delete</source>
        <translation>Aufgeben und löschen</translation>
    </message>
    <message>
        <source>Go on training</source>
        <translation>Weiter trainieren</translation>
    </message>
    <message>
        <source>The round was cancelled.</source>
        <translation>Die Runde wurde abgebrochen.</translation>
    </message>
    <message>
        <source>Another application started the round. It ends after the step at hand (process {pid}).</source>
        <translation>Eine andere Anwendung hat die Runde gestartet. Sie endet nach dem laufenden Schritt (Prozess {pid}).</translation>
    </message>
    <message>
        <source>The round is being cancelled.</source>
        <translation>Die Runde wird abgebrochen.</translation>
    </message>
    <message>
        <source>The round ends after the step at hand and keeps a checkpoint.</source>
        <translation>Die Runde endet nach dem laufenden Schritt und speichert einen Zwischenstand.</translation>
    </message>
    <message>
        <source>The round finished before it was cancelled. Nothing was deleted.</source>
        <translation>Die Runde war fertig, bevor sie abgebrochen wurde. Es wurde nichts gelöscht.</translation>
    </message>
</context>
<context>
    <name>sections.SegmentSection</name>
    <message>
        <source>Student</source>
        <translation>Schüler</translation>
    </message>
    <message>
        <source>Teacher</source>
        <translation>Lehrer</translation>
    </message>
    <message>
        <source>Direct</source>
        <translation>Direkt</translation>
    </message>
    <message>
        <source>Student: one pass, made for abnormal radiographs. Teacher: translates to a normal chest first. Direct: as for a normal radiograph.</source>
        <translation>Schüler: ein Durchgang, für auffällige Röntgenbilder gemacht. Lehrer: übersetzt zuerst in einen normalen Thorax. Direkt: wie bei einem normalen Röntgenbild.</translation>
    </message>
    <message>
        <source>Where the model runs.</source>
        <translation>Worauf das Modell läuft.</translation>
    </message>
    <message>
        <source>&amp;Segment</source>
        <translation>&amp;Segmentieren</translation>
    </message>
    <message>
        <source>Find both lungs.</source>
        <translation>Beide Lungen finden.</translation>
    </message>
    <message>
        <source>&amp;Click to segment</source>
        <translation>D&amp;urch Klicken segmentieren</translation>
    </message>
    <message>
        <source>Click in a lung to segment it (Shift: both lungs). Click again to add what was missed, Ctrl and click to remove. Ctrl+Z takes a click back, Escape leaves.</source>
        <translation>In eine Lunge klicken, um sie zu segmentieren (Umschalt: beide Lungen). Erneut klicken fügt Fehlendes hinzu, Strg und Klick entfernt. Strg+Z nimmt einen Klick zurück, Esc beendet.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop the model; the masks stay as they are.</source>
        <translation>Das Modell anhalten; die Masken bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>How likely the model&apos;s masks are right, and why: estimated from the masks. Likely good is not a promise. A ring in the view marks where to look.</source>
        <translation>Wie wahrscheinlich die Masken des Modells stimmen und warum: aus den Masken geschätzt. Wahrscheinlich gut ist kein Versprechen. Ein Ring in der Ansicht zeigt, wo man hinsehen sollte.</translation>
    </message>
    <message>
        <source>Radiograph:</source>
        <translation>Röntgenbild:</translation>
    </message>
    <message>
        <source>Mode:</source>
        <translation>Modus:</translation>
    </message>
    <message>
        <source>on</source>
        <translation>auf</translation>
    </message>
    <message>
        <source>Turned:</source>
        <translation>Gedreht:</translation>
    </message>
    <message>
        <source>Segment</source>
        <translation>Segmentieren</translation>
    </message>
    <message>
        <source>No radiograph is chosen. Choose or add one.</source>
        <translation>Es ist kein Röntgenbild gewählt. Wählen Sie eines, oder fügen Sie eines hinzu.</translation>
    </message>
    <message>
        <source>This radiograph is not in the view. Choose it again to show it.</source>
        <translation>Dieses Röntgenbild ist nicht in der Ansicht. Wählen Sie es erneut, um es zu zeigen.</translation>
    </message>
    <message>
        <source>Add a frontal chest radiograph, or drop files here.</source>
        <translation>Fügen Sie ein frontales Thorax-Röntgenbild hinzu, oder ziehen Sie Dateien hierher.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>You have corrected or approved these masks. Replace them with the model&apos;s?</source>
        <translation>Sie haben diese Masken korrigiert oder freigegeben. Durch die des Modells ersetzen?</translation>
    </message>
    <message>
        <source>Replace your masks?</source>
        <translation>Ihre Masken ersetzen?</translation>
    </message>
    <message>
        <source>Replace mine</source>
        <translation>Meine ersetzen</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>Meine behalten</translation>
    </message>
    <message>
        <source>Your masks stay as they are.</source>
        <translation>Ihre Masken bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Segmented by {model} on {device}</source>
        <translation>Segmentiert von {model} auf {device}</translation>
    </message>
    <message>
        <source>Segmented by {model} on {device} in {seconds} s</source>
        <translation>Segmentiert von {model} auf {device} in {seconds} s</translation>
    </message>
</context>
<context>
    <name>sections.SessionJobs</name>
    <message>
        <source>Add f&amp;iles...</source>
        <translation>Date&amp;ien hinzufügen...</translation>
    </message>
    <message>
        <source>Bring radiographs into the session. They can also be dropped here.</source>
        <translation>Röntgenbilder in die Sitzung bringen. Sie lassen sich auch hierher ziehen.</translation>
    </message>
    <message>
        <source>Add f&amp;older...</source>
        <translation>&amp;Ordner hinzufügen...</translation>
    </message>
    <message>
        <source>All radiographs in a folder and its subfolders. A DICOM series is such a folder.</source>
        <translation>Alle Röntgenbilder in einem Ordner und darunter; auch eine DICOM-Serie ist einer.</translation>
    </message>
    <message>
        <source>Segment a&amp;ll</source>
        <translation>A&amp;lle segmentieren</translation>
    </message>
    <message>
        <source>Have the model make masks, in the background, where there are none yet.</source>
        <translation>Das Modell im Hintergrund Masken erzeugen lassen, wo es noch keine gibt.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop adding or segmenting; what was done stays.</source>
        <translation>Das Hinzufügen oder Segmentieren beenden; was getan ist, bleibt.</translation>
    </message>
    <message>
        <source>each image is one patient</source>
        <translation>jedes Bild ist ein Patient</translation>
    </message>
    <message>
        <source>What in a file&apos;s name tells patients apart, a regular expression such as pat[0-9]+, for files that do not say it, such as PNG. Then all images of a patient are in training or all in validation. To say it later, add the files again.</source>
        <translation>Was im Namen einer Datei Patienten unterscheidet, ein regulärer Ausdruck wie pat[0-9]+, für Dateien, die es nicht sagen, etwa PNG. Dann sind alle Bilder eines Patienten im Training oder alle in der Validierung. Um es später anzugeben, die Dateien nochmals hinzufügen.</translation>
    </message>
    <message>
        <source>Patient from file name:</source>
        <translation>Patient aus Dateiname:</translation>
    </message>
    <message>
        <source>Add a folder of radiographs</source>
        <translation>Einen Ordner mit Röntgenbildern hinzufügen</translation>
    </message>
</context>
<context>
    <name>sections.SessionRows</name>
    <message>
        <source>A folder that holds radiographs and every version of their masks. A new or empty one is made a session.</source>
        <translation>Ein Ordner mit Röntgenbildern und allen Versionen ihrer Masken. Ein neuer oder leerer wird zur Sitzung gemacht.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open that folder&apos;s session or make one there; once open, close it.</source>
        <translation>Die Sitzung dieses Ordners öffnen oder dort eine anlegen; ist sie offen, sie schließen.</translation>
    </message>
    <message>
        <source>Take over</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Write here from now on; the other application can then save no more.</source>
        <translation>Ab jetzt hier schreiben; die andere Anwendung kann dann nicht mehr speichern.</translation>
    </message>
    <message>
        <source>Open to read</source>
        <translation>Nur lesen</translation>
    </message>
    <message>
        <source>Look at the session without keeping anything in it.</source>
        <translation>Die Sitzung ansehen, ohne etwas darin zu speichern.</translation>
    </message>
    <message>
        <source>Open to read: no masks, approvals or flags are kept.</source>
        <translation>Nur zum Lesen geöffnet: Masken, Freigaben und Markierungen werden nicht gespeichert.</translation>
    </message>
    <message>
        <source>Copies of the images</source>
        <translation>Kopien der Bilder</translation>
    </message>
    <message>
        <source>References to the files</source>
        <translation>Verweise auf die Dateien</translation>
    </message>
    <message>
        <source>Whether a new session holds the images or only names their files.</source>
        <translation>Ob eine neue Sitzung die Bilder enthält oder nur auf ihre Dateien verweist.</translation>
    </message>
    <message>
        <source>Whose corrections these are. Several readers of an image are kept apart. The list has the session&apos;s readers.</source>
        <translation>Von wem die Korrekturen sind. Mehrere Befunder eines Bildes werden getrennt geführt. Die Liste nennt die Befunder der Sitzung.</translation>
    </message>
    <message>
        <source>Session:</source>
        <translation>Sitzung:</translation>
    </message>
    <message>
        <source>Reader:</source>
        <translation>Befunder:</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Create</source>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>The last changes could not be saved. Close the session without saving them? They stay in the scene, and come back when the session is opened again before this window is closed.</source>
        <translation>Die letzten Änderungen konnten nicht gespeichert werden. Die Sitzung ohne sie schließen? Sie bleiben in der Szene und sind wieder da, wenn die Sitzung vor dem Schließen dieses Fensters erneut geöffnet wird.</translation>
    </message>
    <message>
        <source>Close without saving?</source>
        <translation>Ohne Speichern schließen?</translation>
    </message>
    <message>
        <source>Close without saving</source>
        <translation>Ohne Speichern schließen</translation>
    </message>
    <message>
        <source>Keep open</source>
        <translation>Offen lassen</translation>
    </message>
    <message>
        <source>A reader cannot be called {name}: the model is. Enter another name.</source>
        <translation>Kein Befunder kann {name} heißen: So heißt das Modell. Geben Sie einen anderen Namen ein.</translation>
    </message>
    <message>
        <source>{name} is a new reader in this session. If that is a slip, choose your name in the list.</source>
        <translation>{name} ist ein neuer Befunder dieser Sitzung. Falls das ein Versehen ist, wählen Sie Ihren Namen in der Liste.</translation>
    </message>
    <message>
        <source>{name} is one of the session&apos;s readers already: your work is kept under that name.</source>
        <translation>{name} gehört schon zu den Befundern dieser Sitzung: Ihre Arbeit wird unter diesem Namen gespeichert.</translation>
    </message>
    <message>
        <source>De-identified: the session holds the pixels, and of a DICOM header only what describes the technique; no name, date, number or place. Images are numbered; their files&apos; names are kept on this computer only. What is written in the pixels stays.</source>
        <translation>De-identifiziert: Die Sitzung enthält die Pixel und von einem DICOM-Header nur, was die Aufnahmetechnik beschreibt; keinen Namen, kein Datum, keine Nummer, keinen Ort. Die Bilder sind nummeriert; die Namen ihrer Dateien bleiben allein auf diesem Computer. Was in den Pixeln geschrieben steht, bleibt.</translation>
    </message>
    <message>
        <source>Not de-identified: the session holds the files&apos; names and folders, which may tell patients&apos;, and small pictures of them. The files must stay where they are.</source>
        <translation>Nicht de-identifiziert: Die Sitzung enthält die Namen und Ordner der Dateien, die Namen von Patienten verraten können, und kleine Bilder davon. Die Dateien müssen bleiben, wo sie sind.</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>reader</source>
        <translation>Befunder</translation>
    </message>
</context>
<context>
    <name>sections.SetupSection</name>
    <message>
        <source>The application&apos;s Python</source>
        <translation>Python der Anwendung</translation>
    </message>
    <message>
        <source>An environment of its own</source>
        <translation>Eigene Umgebung</translation>
    </message>
    <message>
        <source>Another Python</source>
        <translation>Ein anderes Python</translation>
    </message>
    <message>
        <source>A command</source>
        <translation>Ein Befehl</translation>
    </message>
    <message>
        <source>Which Python runs the engine, the process with the model.</source>
        <translation>In welchem Python das Rechenprogramm läuft, der Prozess mit dem Modell.</translation>
    </message>
    <message>
        <source>A Python with ONNX Runtime or PyTorch, or a command that starts the engine.</source>
        <translation>Ein Python mit ONNX Runtime oder PyTorch oder ein Befehl, der das Rechenprogramm startet.</translation>
    </message>
    <message>
        <source>Choose the Python&apos;s file.</source>
        <translation>Die Datei des Python auswählen.</translation>
    </message>
    <message>
        <source>Chec&amp;k</source>
        <translation>&amp;Prüfen</translation>
    </message>
    <message>
        <source>Look at what that Python has, and start the engine in it.</source>
        <translation>Nachsehen, was dieses Python hat, und das Rechenprogramm darin starten.</translation>
    </message>
    <message>
        <source>Says what it would fetch and where to, and asks first.</source>
        <translation>Sagt, was geholt würde und wohin, und fragt vorher.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop looking or installing.</source>
        <translation>Das Nachsehen oder Installieren abbrechen.</translation>
    </message>
    <message>
        <source>Messages of the installation.</source>
        <translation>Meldungen der Installation.</translation>
    </message>
    <message>
        <source>Copy &amp;diagnostics</source>
        <translation>Diagnosedaten &amp;kopieren</translation>
    </message>
    <message>
        <source>Copy what a report of a problem needs: versions, devices, messages.</source>
        <translation>Kopieren, was eine Fehlermeldung braucht: Versionen, Geräte, Meldungen.</translation>
    </message>
    <message>
        <source>Engine runs in:</source>
        <translation>Rechenprogramm in:</translation>
    </message>
    <message>
        <source>Setup</source>
        <translation>Einrichtung</translation>
    </message>
    <message>
        <source>Delete the environment in
{folder}?</source>
        <translation>Die Umgebung in
{folder}
löschen?</translation>
    </message>
    <message>
        <source>Delete the environment?</source>
        <translation>Umgebung löschen?</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Forget the files&apos; names? The lists of sessions then show only numbers.</source>
        <translation>Die Dateinamen vergessen? Die Listen der Sitzungen zeigen dann nur Nummern.</translation>
    </message>
    <message>
        <source>Forget the names?</source>
        <translation>Die Namen vergessen?</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>path of a Python</source>
        <translation>Pfad eines Python</translation>
    </message>
    <message>
        <source>Choose a Python</source>
        <translation>Ein Python auswählen</translation>
    </message>
    <message>
        <source>Setup: something is missing</source>
        <translation>Einrichtung: etwas fehlt</translation>
    </message>
    <message>
        <source>Working...</source>
        <translation>In Arbeit...</translation>
    </message>
    <message>
        <source>Install?</source>
        <translation>Installieren?</translation>
    </message>
    <message>
        <source>Install</source>
        <translation>Installieren</translation>
    </message>
</context>
<context>
    <name>sections.ToolHints</name>
    <message>
        <source>Drag to paint. Shift and the mouse wheel: size of the brush.</source>
        <translation>Ziehen malt. Umschalttaste und Mausrad: Größe des Pinsels.</translation>
    </message>
    <message>
        <source>Drag to erase. Shift and the mouse wheel: size of the brush.</source>
        <translation>Ziehen radiert. Umschalttaste und Mausrad: Größe des Pinsels.</translation>
    </message>
    <message>
        <source>Click corners or drag an outline. Right-click, double-click or Enter closes and fills it; x removes the last point.</source>
        <translation>Ecken anklicken oder einen Umriss ziehen. Rechtsklick, Doppelklick oder Eingabetaste schließt und füllt ihn; x entfernt den letzten Punkt.</translation>
    </message>
    <message>
        <source>Drag around a part; the operation above says what becomes of it.</source>
        <translation>Einen Teil umfahren; die Operation darüber sagt, was daraus wird.</translation>
    </message>
    <message>
        <source>Move to see an outline of equal brightness; click to add what it encloses.</source>
        <translation>Die Maus zeigt eine Linie gleicher Helligkeit; ein Klick fügt hinzu, was sie umschließt.</translation>
    </message>
    <message>
        <source>Keeps or removes connected pieces. For both lungs: Keep largest pieces.</source>
        <translation>Behält oder entfernt zusammenhängende Teile. Für beide Lungen: Größte Teile behalten.</translation>
    </message>
    <message>
        <source>Median, opening, closing or Gaussian, then Apply. Joint smoothing is for volumes, not for one image.</source>
        <translation>Median, Öffnen, Schließen oder Gauß, dann Anwenden. Gemeinsames Glätten ist für Volumen, nicht für ein einzelnes Bild.</translation>
    </message>
    <message>
        <source>Grows the mask, or shrinks it, then Apply.</source>
        <translation>Vergrößert oder verkleinert die Maske; dann Anwenden.</translation>
    </message>
    <message>
        <source>Choose a range, then Apply: of the chosen lung, what is within it stays. To add outside the lung, set Editable area to Everywhere.</source>
        <translation>Einen Bereich wählen, dann Anwenden: von der gewählten Lunge bleibt, was darin liegt. Um außerhalb der Lunge zu ergänzen, den bearbeitbaren Bereich auf überall stellen.</translation>
    </message>
</context>
<context>
    <name>sections.TrainSection</name>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop measuring, or trying a model; nothing has been changed.</source>
        <translation>Das Messen oder das Prüfen eines Modells abbrechen; nichts wurde geändert.</translation>
    </message>
    <message>
        <source>Es&amp;timate time</source>
        <translation>Zeitauf&amp;wand schätzen</translation>
    </message>
    <message>
        <source>Find out how long a round takes here, by doing a few of its steps.</source>
        <translation>Herausfinden, wie lange eine Runde hier dauert, indem einige ihrer Schritte ausgeführt werden.</translation>
    </message>
    <message>
        <source>Start a &amp;round</source>
        <translation>&amp;Runde starten</translation>
    </message>
    <message>
        <source>Trains beside the application, and goes on when that is closed.</source>
        <translation>Trainiert neben der Anwendung und läuft weiter, wenn diese geschlossen wird.</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>Trainieren</translation>
    </message>
    <message>
        <source>Open a session in the worklist to train on it.</source>
        <translation>Öffnen Sie in der Arbeitsliste eine Sitzung, um mit ihr zu trainieren.</translation>
    </message>
    <message>
        <source>Meanwhile something has changed that the time depends on. Estimate again.</source>
        <translation>Inzwischen hat sich etwas geändert, wovon der Zeitaufwand abhängt. Schätzen Sie ihn neu.</translation>
    </message>
    <message>
        <source>Trying a few steps, to see how long they take...</source>
        <translation>Einige Schritte werden erprobt, um ihre Dauer zu messen ...</translation>
    </message>
    <message>
        <source>Trying the model...</source>
        <translation>Das Modell wird geprüft ...</translation>
    </message>
    <message>
        <source>The model was not put in use. {reason}</source>
        <translation>Das Modell wurde nicht in Gebrauch genommen. {reason}</translation>
    </message>
    <message>
        <source>The engine has loaded {model}.</source>
        <translation>Das Rechenprogramm hat {model} geladen.</translation>
    </message>
</context>
<context>
    <name>sections.TrainingSetup</name>
    <message>
        <source>Install what training needs...</source>
        <translation>Für das Training Nötiges installieren...</translation>
    </message>
    <message>
        <source>Says what it would fetch and where to, and asks first.</source>
        <translation>Sagt, was geholt würde und wohin, und fragt vorher.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop looking or installing.</source>
        <translation>Das Nachsehen oder Installieren abbrechen.</translation>
    </message>
    <message>
        <source>To train, this is missing: {packages}.</source>
        <translation>Zum Trainieren fehlt: {packages}.</translation>
    </message>
</context>
<context>
    <name>sections.TurnRow</name>
    <message>
        <source>How the radiograph is turned to stand upright: as its header says, until you choose another turn. Its file stays as it is, and so do exports.</source>
        <translation>Wie das Röntgenbild gedreht ist, damit es aufrecht steht: wie sein Header es sagt, bis Sie eine andere Drehung wählen. Seine Datei bleibt, wie sie ist, und Exporte ebenso.</translation>
    </message>
    <message>
        <source>Undo turn</source>
        <translation>Drehung aufheben</translation>
    </message>
    <message>
        <source>Set the radiograph upright, and segment it again. The file stays as it is.</source>
        <translation>Das Röntgenbild aufrichten und neu segmentieren. Die Datei bleibt, wie sie ist.</translation>
    </message>
    <message>
        <source>Show and segment the radiograph as its file has it.</source>
        <translation>Das Röntgenbild zeigen und segmentieren, wie es in der Datei steht.</translation>
    </message>
    <message>
        <source>The turn has exchanged right and left, and so the sides of the masks. Check them.</source>
        <translation>Die Drehung hat rechts und links vertauscht, und damit die Seiten der Masken. Prüfen Sie sie.</translation>
    </message>
    <message>
        <source>As in the file</source>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <source>Flipped</source>
        <translation>Gespiegelt</translation>
    </message>
    <message>
        <source>Rotated by {degrees}°, flipped</source>
        <translation>Um {degrees}° gedreht, gespiegelt</translation>
    </message>
    <message>
        <source>Rotated by {degrees}°</source>
        <translation>Um {degrees}° gedreht</translation>
    </message>
    <message>
        <source>Rotate and flip</source>
        <translation>Drehen und spiegeln</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>Drehen</translation>
    </message>
    <message>
        <source>Flip</source>
        <translation>Spiegeln</translation>
    </message>
</context>
<context>
    <name>sections.VerdictBox</name>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Figures, and the worst cases side by side, as a web page.</source>
        <translation>Zahlen und die schlechtesten Fälle nebeneinander, als Webseite.</translation>
    </message>
    <message>
        <source>&amp;Promote</source>
        <translation>Über&amp;nehmen</translation>
    </message>
    <message>
        <source>Use the new model from now on.</source>
        <translation>Ab jetzt das neue Modell verwenden.</translation>
    </message>
    <message>
        <source>Keep curre&amp;nt</source>
        <translation>Bisheri&amp;ges behalten</translation>
    </message>
    <message>
        <source>Stay with the model in use. The new one can be promoted later.</source>
        <translation>Beim bisherigen Modell bleiben. Das neue lässt sich später übernehmen.</translation>
    </message>
    <message>
        <source>No program here shows web pages. The report is {file}</source>
        <translation>Kein Programm hier zeigt Webseiten. Der Bericht ist {file}</translation>
    </message>
    <message>
        <source>The new model is worse. Promote it all the same?</source>
        <translation>Das neue Modell ist schlechter. Trotzdem übernehmen?</translation>
    </message>
    <message>
        <source>Too few radiographs were compared to tell which is better. Promote the new model?</source>
        <translation>Es wurden zu wenige Röntgenbilder verglichen, um zu sagen, welches besser ist. Das neue Modell übernehmen?</translation>
    </message>
    <message>
        <source>Promote?</source>
        <translation>Übernehmen?</translation>
    </message>
    <message>
        <source>Promote</source>
        <translation>Übernehmen</translation>
    </message>
    <message>
        <source>Keep current</source>
        <translation>Bisheriges behalten</translation>
    </message>
    <message>
        <source>{name} {version} is in use.</source>
        <translation>{name} {version} ist in Gebrauch.</translation>
    </message>
    <message>
        <source>{name} stays in use.</source>
        <translation>{name} bleibt in Gebrauch.</translation>
    </message>
</context>
<context>
    <name>sections.VerdictTexts</name>
    <message>
        <source>better</source>
        <translation>besser</translation>
    </message>
    <message>
        <source>no better</source>
        <translation>nicht besser</translation>
    </message>
    <message>
        <source>worse</source>
        <translation>schlechter</translation>
    </message>
    <message>
        <source>too few to tell</source>
        <translation>zu wenige für ein Urteil</translation>
    </message>
    <message>
        <source>You put the new model in use; now it is {used}.</source>
        <translation>Sie haben das neue Modell in Gebrauch genommen; jetzt ist es {used}.</translation>
    </message>
    <message>
        <source>You kept the model in use, now {used}.</source>
        <translation>Sie haben das bisherige Modell behalten; in Gebrauch ist jetzt {used}.</translation>
    </message>
    <message>
        <source>The new model is in use.</source>
        <translation>Das neue Modell ist in Gebrauch.</translation>
    </message>
    <message>
        <source>You can still promote the new model.</source>
        <translation>Sie können das neue Modell dennoch übernehmen.</translation>
    </message>
    <message>
        <source>Left out of training: {count}; the log says why.</source>
        <translation>Vom Training ausgelassen: {count}; das Protokoll sagt, warum.</translation>
    </message>
    <message>
        <source>the model it was trained from</source>
        <translation>das Modell, von dem es ausging</translation>
    </message>
    <message>
        <source>Better than {old}.</source>
        <translation>Besser als {old}.</translation>
    </message>
    <message>
        <source>Worse than {old} on {sets}.</source>
        <translation>Schlechter als {old} bei {sets}.</translation>
    </message>
    <message>
        <source>Worse than {old}.</source>
        <translation>Schlechter als {old}.</translation>
    </message>
    <message>
        <source>No better than {old} for certain: it loses on {sets}, too few to tell, and differs from masks that were approved unchanged.</source>
        <translation>Nicht sicher besser als {old}: Es verliert bei {sets}, zu wenige für ein Urteil, und weicht von Masken ab, die unverändert freigegeben wurden.</translation>
    </message>
    <message>
        <source>No better than {old} for certain: it loses on {sets}, too few to tell.</source>
        <translation>Nicht sicher besser als {old}: Es verliert bei {sets}, zu wenige für ein Urteil.</translation>
    </message>
    <message>
        <source>No better than {old} for certain: it differs from masks that were approved unchanged.</source>
        <translation>Nicht sicher besser als {old}: Es weicht von Masken ab, die unverändert freigegeben wurden.</translation>
    </message>
    <message>
        <source>No better than {old}: the interval includes no change.</source>
        <translation>Nicht besser als {old}: Das Intervall schließt „keine Änderung“ ein.</translation>
    </message>
    <message>
        <source>Too few to tell. Images compared: {count}; at least {fewest} images of {patients} patients are needed. Correct radiographs that are set aside too, or name a reference set.</source>
        <translation>Zu wenige für ein Urteil. Verglichene Bilder: {count}; mindestens {fewest} Bilder von {patients} Patienten sind nötig. Korrigieren Sie auch zurückgelegte Aufnahmen, oder nennen Sie einen Vergleichssatz.</translation>
    </message>
    <message>
        <source>The new model was not compared.</source>
        <translation>Das neue Modell wurde nicht verglichen.</translation>
    </message>
    <message>
        <source>95 % interval {low} to {high}</source>
        <translation>95-%-Intervall {low} bis {high}</translation>
    </message>
    <message>
        <source>no interval, with so few patients</source>
        <translation>kein Intervall bei so wenigen Patienten</translation>
    </message>
    <message>
        <source>Dice of the new model {new}, of the one it was trained from {old}; difference {gain} ({interval}). Images: {count}; patients: {patients}.</source>
        <translation>Dice des neuen Modells {new}, des Modells, von dem es ausging, {old}; Unterschied {gain} ({interval}). Bilder: {count}; Patienten: {patients}.</translation>
    </message>
    <message>
        <source>On {set} only: {verdict}, Dice {gain} (images: {count}).</source>
        <translation>Nur {set}: {verdict}, Dice {gain} (Bilder: {count}).</translation>
    </message>
    <message>
        <source>Masks approved unchanged: {count}. They cannot be used to compare models; the new model agrees with them to Dice {dice}.</source>
        <translation>Unverändert freigegebene Masken: {count}. Mit ihnen lassen sich Modelle nicht vergleichen; das neue Modell stimmt mit ihnen zu Dice {dice} überein.</translation>
    </message>
    <message>
        <source>Left out of references: {count}; the report says why.</source>
        <translation>Aus den Vergleichssätzen ausgelassen: {count}; der Bericht nennt die Gründe.</translation>
    </message>
    <message>
        <source>Could not be compared: {names}; the report says why.</source>
        <translation>Nicht vergleichbar: {names}; der Bericht nennt die Gründe.</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation>{names} und {count} weitere</translation>
    </message>
    <message>
        <source>the session</source>
        <translation>Sitzung</translation>
    </message>
</context>
<context>
    <name>sections.VersionsDialog</name>
    <message>
        <source>Versions of {name}</source>
        <translation>Fassungen von {name}</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Fassung</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>Befunder</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Take this mask back</source>
        <translation>Diese Maske wieder verwenden</translation>
    </message>
    <message>
        <source>Make it your newest version, while its image is in the view; the others stay.</source>
        <translation>Sie zu Ihrer neuesten Fassung machen, solange ihr Bild gezeigt wird; die anderen bleiben.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>The picture is being drawn...</source>
        <translation>Das Bild wird gezeichnet...</translation>
    </message>
    <message>
        <source>Version {number} is your newest one now. The others are kept.</source>
        <translation>Fassung {number} ist jetzt Ihre neueste. Die anderen bleiben erhalten.</translation>
    </message>
</context>
<context>
    <name>sections.ViewLabels</name>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} von {count}</translation>
    </message>
    <message>
        <source>opened to read: strokes and points are not kept</source>
        <translation>zum Lesen geöffnet: Striche und Punkte werden nicht behalten</translation>
    </message>
    <message>
        <source>copy of {name}: strokes are not kept</source>
        <translation>Kopie von {name}: Striche werden nicht behalten</translation>
    </message>
    <message>
        <source>not in the session</source>
        <translation>nicht in der Sitzung</translation>
    </message>
    <message>
        <source>{status}, changed</source>
        <translation>{status}, geändert</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>freigegeben</translation>
    </message>
    <message>
        <source>corrected</source>
        <translation>korrigiert</translation>
    </message>
    <message>
        <source>model&apos;s mask</source>
        <translation>Maske des Modells</translation>
    </message>
</context>
<context>
    <name>sections.ViewSection</name>
    <message>
        <source>Window and level by the radiograph&apos;s values; for lungs by its masks.</source>
        <translation>Fensterung nach den Werten des Röntgenbilds; für die Lungen nach den Masken.</translation>
    </message>
    <message>
        <source>Drag to adjust</source>
        <translation>Mit der Maus</translation>
    </message>
    <message>
        <source>Drag in the view with the left button: up and down for level, sideways for window. A tool or click-to-segment ends this.</source>
        <translation>Mit der linken Taste in der Ansicht ziehen: auf und ab für die Fenstermitte, seitwärts für die Fensterbreite. Ein Werkzeug oder das Segmentieren per Klick beendet dies.</translation>
    </message>
    <message>
        <source>Invert ({key})</source>
        <translation>Invertieren ({key})</translation>
    </message>
    <message>
        <source>Show dark as bright. Key: {key}</source>
        <translation>Dunkles hell zeigen. Taste: {key}</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Show the whole radiograph.</source>
        <translation>Das ganze Röntgenbild zeigen.</translation>
    </message>
    <message>
        <source>1:1</source>
        <translation>1:1</translation>
    </message>
    <message>
        <source>Show each pixel of the radiograph by one of the screen.</source>
        <translation>Jedes Pixel des Röntgenbilds als ein Pixel des Bildschirms zeigen.</translation>
    </message>
    <message>
        <source>Keep for the next radiographs</source>
        <translation>Für die nächsten Röntgenbilder behalten</translation>
    </message>
    <message>
        <source>Show others with the same window, inverted alike, and fitted or 1:1 alike.</source>
        <translation>Andere mit demselben Fenster zeigen, ebenso invertiert und ebenso eingepasst oder 1:1.</translation>
    </message>
    <message>
        <source>Window:</source>
        <translation>Fenster:</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Color images have no window and cannot be inverted.</source>
        <translation>Farbbilder haben kein Fenster und lassen sich nicht invertieren.</translation>
    </message>
</context>
<context>
    <name>sections.WorklistModel</name>
    <message>
        <source>unlabelled</source>
        <translation>unbearbeitet</translation>
    </message>
    <message>
        <source>auto</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>corrected</source>
        <translation>korrigiert</translation>
    </message>
    <message>
        <source>approved</source>
        <translation>freigegeben</translation>
    </message>
    <message>
        <source>flagged</source>
        <translation>markiert</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>unlesbar</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Reader</source>
        <translation>Befunder</translation>
    </message>
    <message>
        <source>Agreement</source>
        <translation>Übereinstimmung</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>The image&apos;s name in the session.</source>
        <translation>Der Name des Bildes in der Sitzung.</translation>
    </message>
    <message>
        <source>How far the image is: from unlabelled to approved. A flag after it is another reader&apos;s.</source>
        <translation>Wie weit das Bild ist: von unbearbeitet bis freigegeben. Eine Fahne dahinter ist die Markierung eines anderen Befunders.</translation>
    </message>
    <message>
        <source>Whether the worse lung of the model&apos;s mask is likely right, and the probability of that.</source>
        <translation>Ob die schlechtere Lunge in der Maske des Modells wahrscheinlich stimmt, und mit welcher Wahrscheinlichkeit.</translation>
    </message>
    <message>
        <source>What may be wrong with the image or the model&apos;s mask.</source>
        <translation>Was am Bild oder an der Maske des Modells falsch sein könnte.</translation>
    </message>
    <message>
        <source>Whose mask it is.</source>
        <translation>Von wem die Maske ist.</translation>
    </message>
    <message>
        <source>Where several readers have a mask: their mean Dice of the right and the left lung.</source>
        <translation>Wo mehrere Befunder eine Maske haben: ihr mittlerer Dice der rechten und der linken Lunge.</translation>
    </message>
    <message>
        <source>How long you have worked on the image.</source>
        <translation>Wie lange Sie am Bild gearbeitet haben.</translation>
    </message>
    <message>
        <source>Set aside: models are compared on it, and never trained on it.</source>
        <translation>Zurückgelegt: An ihm werden Modelle verglichen, nie trainiert.</translation>
    </message>
    <message>
        <source>This file cannot be read and is no radiograph of the session. Click to see why.</source>
        <translation>Diese Datei ist nicht lesbar und kein Röntgenbild der Sitzung. Klicken zeigt den Grund.</translation>
    </message>
</context>
<context>
    <name>sections.WorklistSection</name>
    <message>
        <source>Remove image...</source>
        <translation>Bild entfernen ...</translation>
    </message>
    <message>
        <source>Take the highlighted image out of the session; asks first, and keeps its masks.</source>
        <translation>Das markierte Bild aus der Sitzung nehmen; fragt zuerst und behält seine Masken.</translation>
    </message>
    <message>
        <source>Versions...</source>
        <translation>Fassungen...</translation>
    </message>
    <message>
        <source>Look at all versions of the shown image&apos;s mask, and take one back.</source>
        <translation>Alle Fassungen der Maske des gezeigten Bildes ansehen und eine davon wieder verwenden.</translation>
    </message>
    <message>
        <source>Earlier mask</source>
        <translation>Frühere Maske</translation>
    </message>
    <message>
        <source>Bring back the mask that you had before this one; press again to go further back. Nothing is lost: all are versions. Undo (Ctrl+Z) reaches back to when the image was opened, no further.</source>
        <translation>Holt die Maske zurück, die Sie vor dieser hatten; nochmals gedrückt, eine noch ältere. Nichts geht verloren: Alle sind Fassungen. Rückgängig (Strg+Z) reicht nur bis zum Öffnen des Bildes zurück.</translation>
    </message>
    <message>
        <source>Worklist</source>
        <translation>Arbeitsliste</translation>
    </message>
    <message>
        <source>Add radiographs: files or whole folders, or drop them here.</source>
        <translation>Fügen Sie Röntgenbilder hinzu: Dateien oder ganze Ordner, oder ziehen Sie sie hierher.</translation>
    </message>
    <message>
        <source>A session is a folder that keeps radiographs and every version of their masks, for correcting one after the other and for training. Choose one, or an empty folder to begin.</source>
        <translation>Eine Sitzung ist ein Ordner, der Röntgenbilder und jede Fassung ihrer Masken aufbewahrt, um eines nach dem anderen zu korrigieren und um zu trainieren. Wählen Sie eine, oder zum Beginnen einen leeren Ordner.</translation>
    </message>
    <message>
        <source>Nothing to undo since this image was opened. {button}, in the worklist, goes further back.</source>
        <translation>Seit dem Öffnen dieses Bildes gibt es nichts rückgängig zu machen. „{button}“ in der Arbeitsliste geht weiter zurück.</translation>
    </message>
    <message>
        <source>Nothing to undo.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>{name}: the model has a new mask. Choose the image in the list again to see it.</source>
        <translation>{name}: Das Modell hat eine neue Maske. Wählen Sie das Bild in der Liste noch einmal, um sie zu sehen.</translation>
    </message>
    <message>
        <source>{name}: the model&apos;s new mask is shown.</source>
        <translation>{name}: Die neue Maske des Modells wird gezeigt.</translation>
    </message>
    <message>
        <source>{name}: the newest mask by {reader} is shown.</source>
        <translation>{name}: Die neueste Maske von {reader} ist zu sehen.</translation>
    </message>
</context>
<context>
    <name>sections.WorklistTable</name>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>set aside</source>
        <translation>zurückgelegt</translation>
    </message>
    <message>
        <source>Which images are listed.</source>
        <translation>Welche Bilder aufgeführt sind.</translation>
    </message>
    <message>
        <source>By file</source>
        <translation>Nach Datei</translation>
    </message>
    <message>
        <source>By status</source>
        <translation>Nach Status</translation>
    </message>
    <message>
        <source>Most useful first</source>
        <translation>Nützlichste zuerst</translation>
    </message>
    <message>
        <source>Most useful first: the masks that are most likely wrong. Some of those that are set aside are among them, so that models can be compared. Those without a score come last.</source>
        <translation>Nützlichste zuerst: die Masken, die am wahrscheinlichsten falsch sind. Einige zurückgelegte sind darunter, damit sich Modelle vergleichen lassen. Die ohne Bewertung kommen zuletzt.</translation>
    </message>
    <message>
        <source>Name, file or reader</source>
        <translation>Name, Datei oder Befunder</translation>
    </message>
    <message>
        <source>Lists images with this text in their name, their file&apos;s name or reader.</source>
        <translation>Listet Bilder mit diesem Text im Namen, im Dateinamen oder beim Befunder.</translation>
    </message>
    <message>
        <source>Click a row, or press Enter on it, to show its image.</source>
        <translation>Eine Zeile anklicken oder auf ihr die Eingabetaste drücken, um ihr Bild zu zeigen.</translation>
    </message>
    <message>
        <source>mirrored</source>
        <translation>gespiegelt</translation>
    </message>
    <message>
        <source>model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Images: {shown} of {total}</source>
        <translation>Bilder: {shown} von {total}</translation>
    </message>
    <message>
        <source>Your time: {time}</source>
        <translation>Ihre Zeit: {time}</translation>
    </message>
</context>
</TS>
