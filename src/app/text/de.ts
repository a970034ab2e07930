import type { Texts } from './en';

export const de: Texts = {
  'page.title': 'glocal: Licht für dunkle Fotos',
  'page.description':
    'Hellt dunkle Fotos und Gegenlichtaufnahmen mit einem kleinen neuronalen Netz auf, das in diesem Tab läuft. Nichts wird hochgeladen.',
  'page.noscript': 'glocal läuft als Skript in dieser Seite. Erlauben Sie Skripte und laden Sie neu.',

  'bar.add': 'Fotos hinzufügen',
  'bar.help': 'Tastenkürzel',
  'bar.language': 'Sprache',
  'bar.starting': 'Startet',
  'bar.unavailable': 'Nicht verfügbar',
  'bar.slow': '{name} (langsam)',
  'bar.processor': 'Softwareadapter',
  'bar.graphics': 'Grafikkarte',
  'bar.runs-on': 'Läuft auf {name}',
  'bar.privacy': 'Die Fotos werden auf diesem Gerät verbessert. Keines verlässt diese Seite.',
  'bar.close': 'Schließen',

  'landing.title': 'Licht für dunkle Fotos',
  'landing.lead':
    'glocal öffnet die Schatten dunkler Fotos und Gegenlichtaufnahmen und hält die hellen Stellen im Zaum, mit einem kleinen neuronalen Netz, das in diesem Tab läuft.',
  'landing.promise': 'Nichts wird hochgeladen.',
  'landing.demo': 'Ein Beispiel, links vorher und rechts nachher',
  'landing.choose': 'Fotos wählen',
  'landing.folder': 'Ordner wählen',
  'landing.drop': 'oder irgendwo auf dieser Seite ablegen, oder eines einfügen',
  'landing.try': 'Kein Foto zur Hand? Probieren Sie eines von diesen',
  'landing.colophon':
    'Das Netz von Kinoshita und Kiya (2019) auf handgeschriebenen WebGPU-Kerneln. Freie Software, MIT.',
  'landing.train': 'Selbst trainieren',
  'landing.bench': 'Dieses Gerät messen',
  'landing.veil': 'Ablegen zum Verbessern',
  'landing.input': 'Fotos zum Verbessern',

  'landing.live': 'Mit der Kamera ausprobieren',
  'live.title': 'glocal live: Licht für Ihre Kamera',
  'live.description':
    'Hellt das Bild Ihrer Kamera oder ein Video mit einem kleinen neuronalen Netz in diesem Tab auf. Nichts wird gesendet.',
  'live.heading': 'Licht für Ihre Kamera',
  'live.privacy':
    'Das Bild wird auf diesem Gerät verbessert. Es wird nicht aufgezeichnet und verlässt diese Seite nicht.',
  'live.camera': 'Kamera starten',
  'live.file': 'Video wählen',
  'live.picture': 'Das verbesserte Bild',
  'live.starting': 'Startet…',
  'live.rate': '{rate} Bilder je Sekunde, {size}',
  'live.split': 'Vorher, von links',
  'live.lines': 'Höchstens Zeilen',
  'live.stop': 'Anhalten',
  'live.snapshot': 'Schnappschuss',
  'live.denied':
    'Der Browser durfte die Kamera nicht benutzen. Erlauben Sie es neben der Adresse, oder wählen Sie ein Video.',
  'live.no-camera': 'Es wurde keine Kamera gefunden. Schließen Sie eine an, oder wählen Sie ein Video.',
  'live.unreadable':
    'Dieses Video lässt sich nicht abspielen, oder ein anderes Programm hat die Kamera. Schließen Sie es, oder wählen Sie ein anderes Video.',

  'bench.title': 'glocal: Wie schnell ist dieses Gerät?',
  'bench.description': 'Misst Netz, Trainingsschritt und Rechenkerne von glocal auf Ihrer Grafikkarte.',
  'bench.heading': 'Wie schnell ist dieses Gerät?',
  'bench.lead':
    'Rechnet das Netz, einen Trainingsschritt und einzelne Operatoren auf Ihrer Grafikkarte und vergleicht sie mit dem, was die Karte bestenfalls kann. Auf einer Grafikkarte dauert das ein bis zwei Minuten; lassen Sie das Gerät so lange nichts anderes tun.',
  'bench.privacy': 'Nichts wird gesendet. Das Ergebnis bleibt hier, bis Sie es kopieren.',
  'bench.against': 'Im Vergleich mit TensorFlow.js, wo diese Website es hat',
  'bench.start': 'Messen',
  'bench.copy': 'Ergebnis kopieren',
  'bench.keep': 'Ergebnis speichern',
  'bench.measuring': 'Misst: {what}',
  'bench.done': 'Fertig.',
  'bench.done-software':
    'Fertig, mit einem Software-Adapter: Gemessen wurde der Prozessor, nicht eine Grafikkarte.',
  'bench.peak': 'Bestenfalls {compute} Milliarden Operationen und {memory} GB in der Sekunde.',
  'bench.results': 'Ergebnisse',
  'bench.work': 'Arbeit',
  'bench.time': 'Millisekunden',
  'bench.per-megapixel': 'Je Megapixel',
  'bench.share': 'Vom Bestwert',
  'bench.theirs': 'So vielmal so schnell wie TensorFlow.js',
  'bench.send':
    'Senden Sie das Ergebnis an die Macher von glocal, dann steht diese Karte in ihrer Tabelle: Die Dokumentation sagt unter „Performance“, wie.',
  'bench.copied': 'Das Ergebnis wurde kopiert',
  'bench.not-copied': 'Der Browser hat das Kopieren nicht erlaubt. Speichern Sie das Ergebnis stattdessen.',
  'bench.no-tfjs':
    'Diese Website hat TensorFlow.js nicht, also wird glocal allein gemessen. Wer die Website baut, fügt es mit scripts/build-opponent.mjs hinzu.',

  'stage.label': 'Foto',
  'stage.before': 'Vorher',
  'stage.after': 'Nachher',
  'stage.divider': 'Trennlinie zwischen vorher und nachher',
  'stage.divided': '{before} vorher, {after} nachher',
  'stage.compared': '{name}, links vorher und rechts nachher',
  'stage.about': 'Zu diesem Foto:',
  'stage.notes': '{notes}.',

  'view.controls': 'Ansicht',
  'view.zoom-in': 'Vergrößern',
  'view.zoom-out': 'Verkleinern',
  'view.actual': 'Jedes Pixel zeigen',
  'view.fit': 'Ganzes Foto einpassen',
  'view.before': 'Halten, um das Foto vorher zu sehen',
  'view.side-by-side': 'Nebeneinander',

  'wait.decoding': 'Foto wird gelesen',
  'wait.preparing': 'Netz wird vorbereitet',
  'wait.enhancing': 'Wird verbessert',
  'wait.queued': 'Wartet, bis es an der Reihe ist',
  'wait.cancelling': 'Wird abgebrochen',
  'wait.cancel': 'Abbrechen',
  'wait.left': '{percent}, noch {time}',
  'wait.title': '{percent} · {name}',
  'wait.title-many': '{at} von {total} · {percent} · glocal',

  'strip.label': 'Fotos',
  'strip.waiting': '{name}, wartet',
  'strip.working': '{name}, wird verbessert',
  'strip.done': '{name}, verbessert',
  'strip.failed': '{name}, nicht verbessert',
  'strip.remove': '{name} entfernen',

  'tools.label': 'Werkzeuge',
  'tools.strength': 'Stärke',
  'tools.strength-tip': 'Doppelklick für volle Stärke',
  'tools.options': 'Optionen',
  'tools.histogram': 'Helligkeit, vorher und nachher',
  'tools.histogram-label': 'Histogramm der Helligkeit. Mittel vorher {before}, nachher {after}.',
  'tools.network': 'Netz',
  'tools.own': 'Eigene Gewichte…',
  'tools.own-input': 'Gewichtsdatei',
  'tools.finish': 'Schwarz- und Weißpunkt setzen',
  'tools.keep-hue': 'Farbtöne behalten',

  'model.instant': 'instant: Farbkarten',
  'model.nano': 'nano: aus dem Artikel',
  'model.small': 'small: nano, breiter',

  'save.format': 'Format',
  'save.same': 'Wie das Foto',
  'save.quality': 'Qualität',
  'save.name': 'Name',
  'save.size': '{format}, {size}',
  'save.measuring': 'Datei wird gemessen…',
  'save.save': 'Speichern',
  'save.copy': 'Kopieren',
  'save.as': 'Speichern als…',
  'save.beside': 'Neben dem Original speichern',
  'save.all': 'Alle speichern',
  'save.all-folder': 'Alle in einen Ordner…',
  'save.saved': 'Gespeichert: {name}',
  'save.saved-many.one': '{count} Foto gespeichert',
  'save.saved-many.other': '{count} Fotos gespeichert',
  'save.copied': 'Kopiert: {name}',
  'save.failed': 'Nicht gespeichert. {title}. {advice}',
  'save.enhanced': 'Verbessert: {name}',

  'help.title': 'Tastatur und Maus',
  'help.before': 'Foto vorher zeigen, solange gehalten',
  'help.side': 'Nebeneinander',
  'help.zoom': 'Vergrößern und verkleinern',
  'help.fit': 'Einpassen, oder jedes Pixel',
  'help.photos': 'Voriges oder nächstes Foto',
  'help.save': 'Speichern',
  'help.copy': 'Kopieren',
  'help.cancel': 'Abbrechen',
  'help.this': 'Diese Liste',
  'help.click': 'Auf das Foto klicken',
  'help.click-does': 'Setzt die Trennlinie dorthin',
  'help.press': 'Auf dem Foto gedrückt halten',
  'help.press-does': 'Zeigt das Foto vorher',
  'help.double': 'Auf das Foto doppelklicken',
  'help.double-does': 'Jedes Pixel, oder einpassen',
  'help.wheel': 'Mausrad, zwei Finger',
  'help.wheel-does': 'Vergrößert',

  'leave.link':
    'Links zu Fotos werden nicht geöffnet: Ein anderer Server erführe, was Sie ansehen. Sichern Sie das Foto und fügen Sie es hier hinzu.',

  'note.hdr': 'Das Foto ist HDR ({detail}); der Browser brachte es auf den üblichen Umfang',
  'note.deep': 'Das Foto hat {detail} Bit je Kanal; diese Seite arbeitet mit 8, die Befehlszeile mit 16',
  'note.software': 'Keine Grafikkarte in Benutzung, darum langsam.',
  'note.software-advice':
    'Der Browser rechnet stattdessen auf dem Prozessor. Hardwarebeschleunigung in seinen Einstellungen kann helfen.',

  'problem.remove': 'Entfernen',
  'problem.retry': 'Noch einmal',
  'problem.enhance': 'Verbessern',
  'problem.folder-name': 'Ordner',
  'problem.not-an-image.title': 'Das ist kein Foto',
  'problem.not-an-image.advice':
    'Die Datei enthält kein Bild, das ein Browser kennt. Wählen Sie eine Datei im Format JPEG, PNG, WebP oder AVIF.',
  'problem.undecodable.title': 'Dieses Foto lässt sich nicht lesen',
  'problem.undecodable.advice':
    'Es ist beschädigt oder von einer Art, die dieser Browser nicht kennt. Speichern Sie es als JPEG oder PNG und fügen Sie es erneut hinzu.',
  'problem.truncated.title': 'Ein Teil dieses Fotos fehlt',
  'problem.truncated.advice':
    'Die Datei endet zu früh oder ist beschädigt, oft nach einem abgebrochenen Download. Holen Sie sie noch einmal von dort, woher sie kam.',
  'problem.folder.title': 'In diesem Ordner sind keine Fotos',
  'problem.folder.advice':
    'Wählen Sie einen Ordner mit Dateien im Format JPEG, PNG, WebP, AVIF oder GIF, oder die Fotos selbst.',
  'problem.heic.title': 'Dieser Browser kann HEIC nicht lesen',
  'problem.heic.advice':
    'Wandeln Sie das Foto erst in JPEG um: auf dem Mac mit Vorschau, unter Windows mit Fotos; oder stellen Sie das Telefon auf „Maximale Kompatibilität“. Safari liest HEIC.',
  'problem.raw.title': 'Das ist eine Rohdatei einer Kamera',
  'problem.raw.advice':
    'Sie enthält Sensordaten und kein Bild. Entwickeln Sie sie erst mit einem Raw-Konverter und fügen Sie das JPEG hinzu.',
  'problem.tiff.title': 'Dieser Browser kann TIFF nicht lesen',
  'problem.tiff.advice':
    'Nehmen Sie die Befehlszeile, die auch 16 Bit erhält: glocal enhance. Oder speichern Sie das Foto als PNG.',
  'problem.too-large.title': 'Dieses Foto ist für den Browser zu groß',
  'problem.too-large.advice': 'Verkleinern Sie es, oder nehmen Sie die Befehlszeile: glocal enhance.',
  'problem.bomb.title': 'Diese Datei ist kein Foto zum Ansehen',
  'problem.bomb.advice':
    'Sie behauptet weit mehr Pixel, als sie enthalten kann: Sie ist leer, oder sie soll Speicher verbrauchen. Sie wird nicht geöffnet.',
  'problem.unreadable.title': 'Diese Datei ist nicht mehr lesbar',
  'problem.unreadable.advice':
    'Sie wurde nach dem Hinzufügen verschoben, geändert oder gelöscht. Fügen Sie sie von dort hinzu, wo sie jetzt ist.',
  'problem.no-room.title': 'Der Browser hat keinen Platz mehr für Dateien',
  'problem.no-room.advice':
    'Was bisher behalten wurde, ist unversehrt. Schaffen Sie Platz auf dem Datenträger, oder nehmen Sie weniger Dateien.',
  'problem.not-allowed.title': 'Der Browser durfte dort nicht schreiben',
  'problem.not-allowed.advice': 'Erlauben Sie es, wenn der Browser fragt, oder wählen Sie einen anderen Ort.',
  'problem.out-of-memory.title': 'Zu wenig Grafikspeicher für dieses Foto',
  'problem.out-of-memory.advice':
    'Schließen Sie andere Tabs und versuchen Sie es noch einmal, oder verkleinern Sie das Foto.',
  'problem.device-lost.title': 'Die Grafikkarte ist nicht mehr erreichbar',
  'problem.device-lost.advice':
    'Das geschieht nach dem Ruhezustand, nach einem Treiberwechsel oder wenn ein anderes Programm sie überlastet. Ein neuer Versuch öffnet sie neu.',
  'problem.crashed.title': 'Das Verbessern brach unerwartet ab',
  'problem.crashed.advice':
    'Es wurde neu gestartet; Ihre anderen Fotos sind sicher. Versuchen Sie es mit diesem noch einmal.',
  'problem.internal.title': 'In glocal ist etwas schiefgegangen',
  'problem.internal.advice':
    'Das ist ein Fehler des Programms. Versuchen Sie es noch einmal; kommt er wieder, melden Sie ihn mit der Zeile unten.',
  'problem.cancelled.title': 'Abgebrochen',
  'problem.cancelled.advice': 'Dieses Foto ist, wie es war.',
  'problem.no-webgpu.title': 'Dieser Browser hat kein WebGPU',
  'problem.no-webgpu.advice':
    'glocal braucht es für das Netz. Nehmen Sie ein aktuelles Chrome, Edge oder Opera, Safari ab 26 oder ein aktuelles Firefox unter Windows oder auf einem Mac mit Apple-Chip.',
  'problem.insecure.title': 'Diese Seite wurde nicht sicher geöffnet',
  'problem.insecure.advice':
    'Browser geben WebGPU nur Seiten von https oder von localhost. Öffnen Sie diese Seite über ihre https-Adresse.',
  'problem.no-adapter.title': 'Der Browser fand keine Grafikkarte',
  'problem.no-adapter.advice':
    'Schalten Sie die Hardwarebeschleunigung in den Einstellungen des Browsers ein, aktualisieren Sie den Grafiktreiber und starten Sie den Browser neu. Unter Linux braucht Chrome vielleicht die Option „Unsafe WebGPU Support“ auf chrome://flags.',
  'problem.weights.title': 'Die Gewichte des Netzes ließen sich nicht laden',
  'problem.weights.advice': 'Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
  'problem.own-weights.title': 'Diese Gewichtsdatei ist nicht brauchbar',
  'problem.own-weights.advice':
    'Wählen Sie eine .safetensors-Datei, die glocal train oder die Trainingsseite geschrieben hat, oder ein anderes Netz.',
};
