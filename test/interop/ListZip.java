import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.StringJoiner;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Lists zips as TorchServe's stream reader sees them: one JSON line of [name, size, sha256] rows each, or {"refused": why}. */
public class ListZip {
    public static void main(String[] args) throws Exception {
        BufferedReader paths = new BufferedReader(new InputStreamReader(System.in));
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            System.out.println(list(path));
        }
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') quoted.append('\\').append(c);
            else if (c < 32 || c > 126) quoted.append(String.format("\\u%04x", (int) c));
            else quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    private static String list(String path) {
        StringJoiner rows = new StringJoiner(",", "[", "]");
        try (ZipInputStream zip = new ZipInputStream(new FileInputStream(path))) {
            byte[] buffer = new byte[65536];
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.isDirectory()) continue;
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                long size = 0;
                for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
                    digest.update(buffer, 0, read);
                    size += read;
                }
                rows.add("[" + quote(entry.getName()) + "," + size + ",\"" + HexFormat.of().formatHex(digest.digest()) + "\"]");
            }
            return rows.toString();
        } catch (Exception error) {
            return "{\"refused\":" + quote(error.toString()) + "}";
        }
    }
}
