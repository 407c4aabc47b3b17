/**
 * A certificate that nobody signed but its own key, until 2126, for images.example.org, *.cdn.example.org, odd.example.org
 * and 93.184.216.34. The key is public: for tests only. Made with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=images.example.org -addext
 * subjectAltName=DNS:images.example.org,DNS:*.cdn.example.org,DNS:odd.example.org,IP:93.184.216.34`.
 */
export const testCertificate = {
  cert: `-----BEGIN CERTIFICATE-----
MIIB2zCCAYKgAwIBAgIUQppm6EndaUDKZtr6dAukXG9hpqEwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSaW1hZ2VzLmV4YW1wbGUub3JnMCAXDTI2MTEyODE1NDAzMVoY
DzIxMjYxMTA0MTU0MDMxWjAdMRswGQYDVQQDDBJpbWFnZXMuZXhhbXBsZS5vcmcw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQPPxP6sSJVeqnzH1UYxxxmdIFmIlKX
tquqHLijkbk52xsnLAfA/AQT/35tkB0TkKG9vffqg16uNU1V3Bbc1l7qo4GdMIGa
MB0GA1UdDgQWBBS6VaU24xl3QUHSf8iVnEKfRkzvQDAfBgNVHSMEGDAWgBS6VaU2
4xl3QUHSf8iVnEKfRkzvQDAPBgNVHRMBAf8EBTADAQH/MEcGA1UdEQRAMD6CEmlt
YWdlcy5leGFtcGxlLm9yZ4IRKi5jZG4uZXhhbXBsZS5vcmeCD29kZC5leGFtcGxl
Lm9yZ4cEXbjYIjAKBggqhkjOPQQDAgNHADBEAiBusPSQPfzk4FP7z+CGwWeIuKs3
CQBI4HNBi/o/bzQrVwIgH7ghz2osJd89n0z+wqcnG2fQ16c7W/mWkcFXgITHlHs=
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGocgNiRv6C2K1bAx
ftkI/dDB9d2EIIB9lIGY3kC43vqhRANCAAQPPxP6sSJVeqnzH1UYxxxmdIFmIlKX
tquqHLijkbk52xsnLAfA/AQT/35tkB0TkKG9vffqg16uNU1V3Bbc1l7q
-----END PRIVATE KEY-----`,
};
