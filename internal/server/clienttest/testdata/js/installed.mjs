// Ends with status 0 if the packages of the session are installed.
await import("@aws-sdk/client-s3");
