/** As much of WebAssembly as is used here: Node.js has it, but its types come only with those of browsers. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module)
    readonly exports: unknown
  }
  interface Global {
    readonly value: number
  }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
}
