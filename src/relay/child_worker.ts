/** The Worker inside a child: started from text, with what the process has, which is what its Worker may have. */

/** What every Worker starts as; the program itself follows as a message. */
const BOOTSTRAP = `data:text/javascript,${
  encodeURIComponent("onmessage=(event)=>{onmessage=null;(0,eval)('\"use strict\";'+event.data)}")
}`;

/** Starts it. @param onFailure told once it has failed; nothing can be done with it any more */
export function startChildWorker(program: string, onFailure: (why: string) => void): Worker {
  const worker = new Worker(BOOTSTRAP, { type: "module" });
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(event.message);
  };
  worker.onmessageerror = () => onFailure("a message could not be read");
  worker.postMessage(program);
  return worker;
}
