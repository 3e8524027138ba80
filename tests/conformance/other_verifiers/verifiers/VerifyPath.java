import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.SignatureException;
import java.security.cert.CRL;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Validates leaf.der below issuing.der and root.der by RFC 5280 section 6, in the present folder.
 *
 * <p>The first argument says where the standing comes from: "crls" are the files named after it;
 * "response" is an OCSP response in a file; "responder" asks the URL in the certificate;
 * "points" fetches the CRLs from the distribution points in the certificates. Prints "good" or
 * the reason for refusing (CertPathValidatorException.Reason), and nothing else. With "crl", a
 * CRL and a certificate it only says whether the one is signed by the other.
 */
class VerifyPath {
    private static final CertificateFactory FACTORY = factory();

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("crl")) {
            System.out.println(isSigned(arguments[1], arguments[2]) ? "good" : "forged");
            return;
        }
        X509Certificate leaf = certificate("leaf.der");
        CertPath path = FACTORY.generateCertPath(List.of(leaf, certificate("issuing.der")));
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(certificate("root.der"), null)));
        X509CertSelector client = new X509CertSelector();
        client.setExtendedKeyUsage(Set.of("1.3.6.1.5.5.7.3.2"));
        parameters.setTargetCertConstraints(client);
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
        switch (arguments[0]) {
            case "crls" -> {
                checker.setOptions(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK));
                List<CRL> crls = new ArrayList<>();
                for (int at = 1; at < arguments.length; at++) {
                    crls.add(crl(arguments[at]));
                }
                parameters.addCertStore(CertStore.getInstance(
                        "Collection", new CollectionCertStoreParameters(crls)));
            }
            case "points" -> checker.setOptions(
                    EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK));
            case "response" -> {
                // The root answers no OCSP; the issuing CA's standing is in the root's CRL.
                checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
                checker.setOcspResponses(
                        Map.of(leaf, Files.readAllBytes(new File(arguments[1]).toPath())));
            }
            case "responder" -> checker.setOptions(
                    EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        parameters.addCertPathChecker(checker);
        parameters.setRevocationEnabled(false); // the checker above does it
        try {
            validator.validate(path, parameters);
            System.out.println("good");
        } catch (CertPathValidatorException refused) {
            System.out.println(refused.getReason());
            System.err.println(refused);
        }
    }

    private static boolean isSigned(String crl, String authority) throws Exception {
        try {
            crl(crl).verify(certificate(authority).getPublicKey());
            return true;
        } catch (SignatureException forged) {
            System.err.println(forged);
            return false;
        }
    }

    private static X509CRL crl(String name) throws Exception {
        try (InputStream file = new FileInputStream(name)) {
            return (X509CRL) FACTORY.generateCRL(file);
        }
    }

    private static X509Certificate certificate(String name) throws Exception {
        try (InputStream file = new FileInputStream(name)) {
            return (X509Certificate) FACTORY.generateCertificate(file);
        }
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (java.security.cert.CertificateException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
