import type { Problem, ProblemKind } from './protocol';

/** A problem in plain words: what is wrong, and what to do. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
  /** Whether the same photo may succeed when tried again. */
  readonly canRetry: boolean;
}

const EXPLANATIONS: Record<ProblemKind, Explanation> = {
  'not-an-image': {
    title: 'This is not a photo',
    advice: 'The file holds no image that a browser knows. Choose a JPEG, PNG, WebP or AVIF file.',
    canRetry: false,
  },
  undecodable: {
    title: 'This photo cannot be read',
    advice:
      'It is damaged, or of a kind that this browser does not know. Save it as JPEG or PNG and add it again.',
    canRetry: false,
  },
  truncated: {
    title: 'Part of this photo is missing',
    advice:
      'The file ends too early or is damaged, often after a broken download or copy. Fetch it again from where it came.',
    canRetry: false,
  },
  folder: {
    title: 'This folder has no photos',
    advice: 'Drop a folder with JPEG, PNG, WebP, AVIF or GIF files in it, or the photos themselves.',
    canRetry: false,
  },
  heic: {
    title: 'This browser cannot read HEIC',
    advice:
      'Convert the photo to JPEG first: on a Mac by Preview, on Windows by Photos; or set the phone to “most compatible”. Safari reads HEIC.',
    canRetry: false,
  },
  raw: {
    title: 'This is a raw file of a camera',
    advice: 'It holds sensor data, not a picture. Develop it first with a raw converter and add the JPEG.',
    canRetry: false,
  },
  tiff: {
    title: 'This browser cannot read TIFF',
    advice: 'Use the command line, which also keeps 16 bits: glocal enhance. Or save the photo as PNG.',
    canRetry: false,
  },
  'too-large': {
    title: 'This photo is too large for the browser',
    advice: 'Scale it down, or use the command line: glocal enhance.',
    canRetry: false,
  },
  bomb: {
    title: 'This file is not a photo to look at',
    advice:
      'It claims far more pixels than it can hold: it is empty, or made to take memory. It is not opened.',
    canRetry: false,
  },
  unreadable: {
    title: 'This file cannot be read any more',
    advice: 'It was moved, changed or deleted after it was added. Add it again from where it is now.',
    canRetry: true,
  },
  'no-room': {
    title: 'The browser has no room left to keep files',
    advice: 'What was kept before is whole. Free space on the disk, or take fewer files, and go on.',
    canRetry: true,
  },
  'out-of-memory': {
    title: 'Not enough graphics memory for this photo',
    advice: 'Close other tabs and try again, or scale the photo down.',
    canRetry: true,
  },
  'device-lost': {
    title: 'The graphics device went away',
    advice:
      'This happens after sleep, a driver update or when another program overloads it. Trying again opens it anew.',
    canRetry: true,
  },
  crashed: {
    title: 'The enhancer stopped unexpectedly',
    advice: 'It has been started anew; your other photos are safe. Try this one again.',
    canRetry: true,
  },
  internal: {
    title: 'Something went wrong in glocal',
    advice: 'This is a fault of the program. Try again; if it comes back, report it with the line below.',
    canRetry: true,
  },
  cancelled: {
    title: 'Cancelled',
    advice: 'This photo is as it was.',
    canRetry: true,
  },
  'no-webgpu': {
    title: 'This browser has no WebGPU',
    advice:
      'glocal needs it to run the network. Use a current Chrome, Edge or Opera, Safari 26 or later, or a current Firefox on Windows or on a Mac with an Apple chip.',
    canRetry: false,
  },
  insecure: {
    title: 'This page was not opened securely',
    advice:
      'Browsers give WebGPU only to pages from https or from localhost. Open this page by its https address.',
    canRetry: false,
  },
  'no-adapter': {
    title: 'The browser found no graphics adapter',
    advice:
      'Turn on hardware acceleration in the browser’s settings, update the graphics driver, and restart the browser. On Linux, Chrome may also need the flag “Unsafe WebGPU Support” on chrome://flags.',
    canRetry: true,
  },
  weights: {
    title: 'The network’s weights could not be loaded',
    advice: 'Check the connection and try again.',
    canRetry: true,
  },
};

export function explain(problem: Problem): Explanation {
  return EXPLANATIONS[problem.kind];
}

/** The note shown when the work runs on the processor. */
export const SOFTWARE_NOTE = {
  title: 'No graphics card in use, so this is slow.',
  advice:
    'The browser computes on the processor instead. Turning on hardware acceleration in its settings may help.',
} as const;
