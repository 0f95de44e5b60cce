// Object storage on a free port, in the folder that is given. Says the port when it listens.
import S3rver from "s3rver";

const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: "exports" }],
});
const { port } = await server.run();
console.log(port);
// Whoever started it is gone when its input ends.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
