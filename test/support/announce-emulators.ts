// Says aloud that this project leaves the emulator suites out, and how to run them.

export default function announce(): void {
  console.log(
    "SKIPPED here: the suites on Google's Firestore and Pub/Sub emulators (they need gcloud and Java): npm run test:emulators",
  );
}
