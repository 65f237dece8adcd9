import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes what it is told, a step a line of JSON (foreign-records.ts), with the official client. Argument: the brokers. */
class ForeignRecords {
    private static final Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
    private static String brokers;

    public static void main(String[] args) throws Exception {
        brokers = args[0];
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var json = new ObjectMapper();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) carryOut(json.readTree(line));
        producers.values().forEach(KafkaProducer::close);
    }

    private static void carryOut(JsonNode step) throws Exception {
        String name = step.has("transaction") ? step.get("transaction").asText() : step.path("codec").asText("none");
        boolean isNew = !producers.containsKey(name);
        var producer = producers.computeIfAbsent(name, (any) -> open(step));
        if (step.has("transaction")) {
            if (isNew) producer.initTransactions();
            if (isNew || step.path("begins").asBoolean()) producer.beginTransaction();
        }
        for (JsonNode record : step.path("records")) producer.send(recordOf(step, record), (to, failure) -> {
            if (failure == null) return;
            failure.printStackTrace();
            System.exit(1);
        });
        producer.flush();
        switch (step.path("ends").asText()) {
            case "commit" -> producer.commitTransaction();
            case "abort" -> producer.abortTransaction();
            default -> { }
        }
    }

    private static KafkaProducer<byte[], byte[]> open(JsonNode step) {
        var config = new HashMap<String, Object>();
        config.put("bootstrap.servers", brokers);
        config.put("compression.type", step.path("codec").asText("none"));
        // All of a step in one batch, and a single record of any size.
        config.put("linger.ms", 10_000);
        config.put("batch.size", 1_000_000);
        config.put("max.request.size", 100_000_000);
        config.put("buffer.memory", 200_000_000);
        if (step.has("transaction")) config.put("transactional.id", step.get("transaction").asText());
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static ProducerRecord<byte[], byte[]> recordOf(JsonNode step, JsonNode record) {
        Long timestamp = record.has("timestamp") ? record.get("timestamp").asLong() : null;
        byte[] value = record.has("zeros") ? new byte[record.get("zeros").asInt()] : bytesOf(record.path("value"));
        var made = new ProducerRecord<>(
            step.get("topic").asText(), step.get("partition").asInt(), timestamp, bytesOf(record.path("key")), value);
        Headers headers = made.headers();
        for (JsonNode header : record.path("headers")) headers.add(header.get(0).asText(), bytesOf(header.get(1)));
        for (int index = 0; index < record.path("moreHeaders").asInt(); index++) headers.add("more-" + index, new byte[0]);
        return made;
    }

    private static byte[] bytesOf(JsonNode base64) {
        return base64.isTextual() ? Base64.getDecoder().decode(base64.asText()) : null;
    }
}
