// The program, on a port that is free.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export class Lab {
  static async open(program) {
    const child = spawn(program, ["lab", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`${program} lab has ended with ${code}`)));
      createInterface({ input: child.stdout }).once("line", resolve);
    });
    const lab = new Lab();
    Object.assign(lab, { child, url: line.match(/http:\S+/)[0] });
    return lab;
  }

  close() {
    return new Promise((resolve) => {
      this.child.once("exit", resolve);
      this.child.kill("SIGTERM");
    });
  }
}
