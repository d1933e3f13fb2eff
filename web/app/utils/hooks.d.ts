declare module '#app' {
  interface RuntimeNuxtHooks {
    /** Somebody asked for the sheet of keyboard shortcuts. */
    'shortcuts:toggle': () => void
  }
}
export {}
