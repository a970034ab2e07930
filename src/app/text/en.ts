/**
 * Every text of the page, in English; `{name}` is a placeholder. The compiler and `test/app/texts.test.ts` check that
 * the other languages have the same keys.
 */
export const en = {
  'page.title': 'glocal: light for dark photos',
  'page.description':
    'Brightens dark and back-lit photos with a small neural network that runs in this tab. Nothing is uploaded.',
  'page.noscript': 'glocal runs in this page as a script. Allow scripts and reload.',

  'bar.add': 'Add photos',
  'bar.help': 'Keyboard shortcuts',
  'bar.language': 'Language',
  'bar.starting': 'Starting',
  'bar.unavailable': 'Not available',
  'bar.slow': '{name} (slow)',
  'bar.processor': 'Software adapter',
  'bar.graphics': 'Graphics card',
  'bar.runs-on': 'Runs on {name}',
  'bar.privacy': 'Photos are enhanced on this device. None of them leaves this page.',
  'bar.close': 'Close',

  'landing.title': 'Light for dark photos',
  'landing.lead':
    'glocal opens the shadows of dark and back-lit photos and keeps the bright parts in check, with a small neural network that runs in this tab.',
  'landing.promise': 'Nothing is uploaded.',
  'landing.demo': 'An example, before on the left and after on the right',
  'landing.choose': 'Choose photos',
  'landing.folder': 'Choose a folder',
  'landing.drop': 'or drop them anywhere on this page, or paste one',
  'landing.try': 'No photo at hand? Try one of these',
  'landing.colophon':
    'The network of Kinoshita and Kiya (2019) on WebGPU kernels written by hand. Free software, MIT.',
  'landing.train': 'Train your own',
  'landing.bench': 'Measure this machine',
  'landing.veil': 'Drop to enhance',
  'landing.input': 'Photos to enhance',

  'landing.live': 'Try it on your camera',
  'live.title': 'glocal live: light for your camera',
  'live.description':
    'Brightens the picture of your camera, or a video, with a small neural network in this tab. Nothing is sent anywhere.',
  'live.heading': 'Light for your camera',
  'live.privacy':
    'The picture is enhanced on this device. It is not recorded, and it does not leave this page.',
  'live.camera': 'Start the camera',
  'live.file': 'Choose a video',
  'live.picture': 'The enhanced picture',
  'live.starting': 'Starting…',
  'live.rate': '{rate} frames per second, {size}',
  'live.split': 'Before, from the left',
  'live.lines': 'Lines at most',
  'live.stop': 'Stop',
  'live.snapshot': 'Snapshot',
  'live.denied':
    'The browser was not allowed to use the camera. Allow it beside the address, or choose a video.',
  'live.no-camera': 'No camera was found. Connect one, or choose a video.',
  'live.unreadable':
    'This video cannot be played, or another program has the camera. Close that, or choose another video.',

  'bench.title': 'glocal: how fast is this machine?',
  'bench.description':
    'Measures the network, a training step and the kernels of glocal on your graphics card.',
  'bench.heading': 'How fast is this machine?',
  'bench.lead':
    'Runs the network, a training step and single operators on your graphics card, beside what the card can do at best. On a graphics card it takes a minute or two; let it do nothing else meanwhile.',
  'bench.privacy': 'Nothing is sent. The result stays here until you copy it.',
  'bench.against': 'Against TensorFlow.js, where this site has it',
  'bench.start': 'Measure',
  'bench.copy': 'Copy the result',
  'bench.keep': 'Save the result',
  'bench.measuring': 'Measuring: {what}',
  'bench.done': 'Done.',
  'bench.done-software': 'Done, on a software adapter: the processor was measured, not a graphics card.',
  'bench.peak': 'At best {compute} billion operations and {memory} GB per second.',
  'bench.results': 'Results',
  'bench.work': 'Work',
  'bench.time': 'Milliseconds',
  'bench.per-megapixel': 'Per megapixel',
  'bench.share': 'Of the best',
  'bench.theirs': 'Times as fast as TensorFlow.js',
  'bench.send':
    'Send the result to the makers of glocal, and this card will stand in their table: the documentation says how, under “Performance”.',
  'bench.copied': 'The result was copied',
  'bench.not-copied': 'The browser did not allow copying. Save the result instead.',
  'bench.no-tfjs':
    'This site does not have TensorFlow.js, so glocal is measured alone. Whoever builds the site adds it by scripts/build-opponent.mjs.',

  'stage.label': 'Photo',
  'stage.before': 'Before',
  'stage.after': 'After',
  'stage.divider': 'Divider between before and after',
  'stage.divided': '{before} before, {after} after',
  'stage.compared': '{name}, before on the left and after on the right',
  'stage.about': 'About this photo.',
  'stage.notes': 'It {notes}.',

  'view.controls': 'View',
  'view.zoom-in': 'Zoom in',
  'view.zoom-out': 'Zoom out',
  'view.actual': 'Show every pixel',
  'view.fit': 'Fit the whole photo',
  'view.before': 'Hold to see the photo before',
  'view.side-by-side': 'Side by side',

  'wait.decoding': 'Reading the photo',
  'wait.preparing': 'Preparing the network',
  'wait.enhancing': 'Enhancing',
  'wait.queued': 'Waiting for its turn',
  'wait.cancelling': 'Cancelling',
  'wait.cancel': 'Cancel',
  'wait.left': '{percent}, {time} left',
  'wait.title': '{percent} · {name}',
  'wait.title-many': '{at} of {total} · {percent} · glocal',

  'strip.label': 'Photos',
  'strip.waiting': '{name}, waiting',
  'strip.working': '{name}, being enhanced',
  'strip.done': '{name}, enhanced',
  'strip.failed': '{name}, not enhanced',
  'strip.remove': 'Remove {name}',

  'tools.label': 'Tools',
  'tools.strength': 'Strength',
  'tools.strength-tip': 'Double-click for full strength',
  'tools.options': 'Options',
  'tools.histogram': 'Brightness, before and after',
  'tools.histogram-label': 'Histogram of brightness. Mean before {before}, after {after}.',
  'tools.network': 'Network',
  'tools.own': 'Own weights…',
  'tools.own-input': 'Weight file',
  'tools.finish': 'Set black and white point',
  'tools.keep-hue': 'Keep hues',

  'model.instant': 'instant: colour maps',
  'model.nano': 'nano: the paper’s',
  'model.small': 'small: nano, wider',

  'save.format': 'Format',
  'save.same': 'As the photo',
  'save.quality': 'Quality',
  'save.name': 'Name',
  'save.size': '{format}, {size}',
  'save.measuring': 'Measuring the file…',
  'save.save': 'Save',
  'save.copy': 'Copy',
  'save.as': 'Save as…',
  'save.beside': 'Save beside the original',
  'save.all': 'Save all',
  'save.all-folder': 'All to a folder…',
  'save.saved': 'Saved: {name}',
  'save.saved-many.one': '{count} photo saved',
  'save.saved-many.other': '{count} photos saved',
  'save.copied': 'Copied: {name}',
  'save.failed': 'Not saved. {title}. {advice}',
  'save.enhanced': 'Enhanced: {name}',

  'help.title': 'Keyboard and mouse',
  'help.before': 'Show the photo before, while held',
  'help.side': 'Side by side',
  'help.zoom': 'Zoom in and out',
  'help.fit': 'Fit, or every pixel',
  'help.photos': 'Photo before or after this one',
  'help.save': 'Save',
  'help.copy': 'Copy',
  'help.cancel': 'Cancel',
  'help.this': 'This list',
  'help.click': 'Click on the photo',
  'help.click-does': 'Moves the divider there',
  'help.press': 'Press and hold on the photo',
  'help.press-does': 'Shows the photo before',
  'help.double': 'Double-click on the photo',
  'help.double-does': 'Every pixel, or fit',
  'help.wheel': 'Mouse wheel, pinch',
  'help.wheel-does': 'Zooms',

  'leave.link':
    'Links to photos are not followed: that would tell another server what you look at. Save the photo and add it here.',

  'note.hdr': 'is HDR ({detail}); the browser brought it to standard range',
  'note.deep': 'has {detail} bits a channel; this page works in 8, the command line in 16',
  'note.software': 'No graphics card in use, so this is slow.',
  'note.software-advice':
    'The browser computes on the processor instead. Turning on hardware acceleration in its settings may help.',

  'problem.remove': 'Remove',
  'problem.retry': 'Try again',
  'problem.enhance': 'Enhance',
  'problem.folder-name': 'Folder',
  'problem.not-an-image.title': 'This is not a photo',
  'problem.not-an-image.advice':
    'The file holds no image that a browser knows. Choose a JPEG, PNG, WebP or AVIF file.',
  'problem.undecodable.title': 'This photo cannot be read',
  'problem.undecodable.advice':
    'It is damaged, or of a kind that this browser does not know. Save it as JPEG or PNG and add it again.',
  'problem.truncated.title': 'Part of this photo is missing',
  'problem.truncated.advice':
    'The file ends too early or is damaged, often after a broken download or copy. Fetch it again from where it came.',
  'problem.folder.title': 'This folder has no photos',
  'problem.folder.advice':
    'Drop a folder with JPEG, PNG, WebP, AVIF or GIF files in it, or the photos themselves.',
  'problem.heic.title': 'This browser cannot read HEIC',
  'problem.heic.advice':
    'Convert the photo to JPEG first: on a Mac by Preview, on Windows by Photos; or set the phone to “most compatible”. Safari reads HEIC.',
  'problem.raw.title': 'This is a raw file of a camera',
  'problem.raw.advice':
    'It holds sensor data, not a picture. Develop it first with a raw converter and add the JPEG.',
  'problem.tiff.title': 'This browser cannot read TIFF',
  'problem.tiff.advice':
    'Use the command line, which also keeps 16 bits: glocal enhance. Or save the photo as PNG.',
  'problem.too-large.title': 'This photo is too large for the browser',
  'problem.too-large.advice': 'Scale it down, or use the command line: glocal enhance.',
  'problem.bomb.title': 'This file is not a photo to look at',
  'problem.bomb.advice':
    'It claims far more pixels than it can hold: it is empty, or made to take memory. It is not opened.',
  'problem.unreadable.title': 'This file cannot be read any more',
  'problem.unreadable.advice':
    'It was moved, changed or deleted after it was added. Add it again from where it is now.',
  'problem.no-room.title': 'The browser has no room left to keep files',
  'problem.no-room.advice':
    'What was kept before is whole. Free space on the disk, or take fewer files, and go on.',
  'problem.not-allowed.title': 'The browser was not allowed to write there',
  'problem.not-allowed.advice': 'Allow it when the browser asks, or choose another place.',
  'problem.out-of-memory.title': 'Not enough graphics memory for this photo',
  'problem.out-of-memory.advice': 'Close other tabs and try again, or scale the photo down.',
  'problem.device-lost.title': 'The graphics device went away',
  'problem.device-lost.advice':
    'This happens after sleep, a driver update or when another program overloads it. Trying again opens it anew.',
  'problem.crashed.title': 'The enhancer stopped unexpectedly',
  'problem.crashed.advice': 'It has been started anew; your other photos are safe. Try this one again.',
  'problem.internal.title': 'Something went wrong in glocal',
  'problem.internal.advice':
    'This is a fault of the program. Try again; if it comes back, report it with the line below.',
  'problem.cancelled.title': 'Cancelled',
  'problem.cancelled.advice': 'This photo is as it was.',
  'problem.no-webgpu.title': 'This browser has no WebGPU',
  'problem.no-webgpu.advice':
    'glocal needs it to run the network. Use a current Chrome, Edge or Opera, Safari 26 or later, or a current Firefox on Windows or on a Mac with an Apple chip.',
  'problem.insecure.title': 'This page was not opened securely',
  'problem.insecure.advice':
    'Browsers give WebGPU only to pages from https or from localhost. Open this page by its https address.',
  'problem.no-adapter.title': 'The browser found no graphics adapter',
  'problem.no-adapter.advice':
    'Turn on hardware acceleration in the browser’s settings, update the graphics driver, and restart the browser. On Linux, Chrome may also need the flag “Unsafe WebGPU Support” on chrome://flags.',
  'problem.weights.title': 'The network’s weights could not be loaded',
  'problem.weights.advice': 'Check the connection and try again.',
  'problem.own-weights.title': 'This weight file cannot be used',
  'problem.own-weights.advice':
    'Choose a .safetensors file that glocal train or the training page wrote, or another network.',
} as const;

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
