// The worker's entry point.
return 0;
