// sqs-consumer on a queue until it is empty: messages, and the CPU time that they took.
import { SQSClient } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";

const [, , endpoint, pollers] = process.argv;
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const sqs = new SQSClient({ region: "us-east-1", endpoint, credentials });
let messages = 0;
let idle = 0;

for (let n = 0; n < Number(pollers); n += 1) {
  const consumer = Consumer.create({
    sqs,
    queueUrl: `${endpoint}/000000000000/work`,
    batchSize: 10,
    pollingWaitTimeMs: 0,
    handleMessageBatch: async (batch) => {
      for (const message of batch) JSON.parse(message.Body);
      messages += batch.length;
      return batch;
    },
  });
  consumer.on("error", (error) => console.error(error.message));
  consumer.on("processing_error", (error) => console.error(error.message));
  consumer.once("empty", () => {
    consumer.stop();
    idle += 1;
    if (idle < Number(pollers)) return;
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    console.log(JSON.stringify({ messages, cpuSecs: (userCPUTime + systemCPUTime) / 1e6 }));
    process.exit(0);
  });
  consumer.start();
}
