// Confluent's client has a type of this name too; the tests mean the number on the wire.
global using ErrorCode = StreamSync.LocalKafka.Protocol.ErrorCode;
