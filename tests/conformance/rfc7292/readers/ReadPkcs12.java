import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;

/** Prints what a PKCS#12 holds, one fact a line, in Base64; exit status 3 when it does not open. */
class ReadPkcs12 {
    public static void main(String[] arguments) throws Exception {
        char[] password = arguments[1].toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = new FileInputStream(arguments[0])) {
            store.load(file, password);
        } catch (IOException refused) {
            System.err.println(refused.getMessage());
            System.exit(3);
        }
        for (String alias : Collections.list(store.aliases())) {
            print("alias", alias.getBytes(StandardCharsets.UTF_8));
            print("key", store.getKey(alias, password).getEncoded());
            for (Certificate certificate : store.getCertificateChain(alias)) {
                print("certificate", certificate.getEncoded());
            }
        }
    }

    private static void print(String kind, byte[] value) {
        System.out.println(kind + " " + Base64.getEncoder().encodeToString(value));
    }
}
