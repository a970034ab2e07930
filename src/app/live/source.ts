/**
 * Plays the camera in a video element, with about this many lines.
 *
 * @throws DOMException NotAllowedError, NotFoundError and others, as named by the browser.
 */
export async function openCamera(video: HTMLVideoElement, lines: number): Promise<void> {
  if (!navigator.mediaDevices) throw new DOMException('', 'NotFoundError');
  const size = { height: { ideal: lines }, facingMode: { ideal: 'environment' } };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: size, audio: false });
  await play(video);
}

/** Plays a file. @throws DOMException NotSupportedError when the browser cannot. */
export async function openVideo(video: HTMLVideoElement, file: File): Promise<void> {
  video.src = URL.createObjectURL(file);
  await play(video);
}

/** Also releases the camera. */
export function stopVideo(video: HTMLVideoElement): void {
  video.pause();
  const { srcObject } = video;
  if (srcObject instanceof MediaStream) for (const track of srcObject.getTracks()) track.stop();
  if (video.src) URL.revokeObjectURL(video.src);
  video.srcObject = null;
  video.removeAttribute('src');
}

async function play(video: HTMLVideoElement): Promise<void> {
  await video.play();
  if (video.videoWidth === 0) throw new DOMException('', 'NotSupportedError');
}
