#!/usr/bin/env bash
# The whole way of one credential over the API, with curl and the openssl command only:
# slip, pickup, login, reset, filing, review, revocation, and what is left of it afterwards.
#
# In one terminal:   make run
# In another:        docs/walk.sh
#
# From the environment, with defaults: CERTGATE (the command), DATA (the data folder that the
# server uses), CERTGATE_HOST and CERTGATE_PKI_PORT, CERTGATE_PUBLIC_PORT, CERTGATE_PORTAL_PORT.
# It may run as often as you like: each run registers a new unit and new officers.
set -euo pipefail

certgate=${CERTGATE:-.venv/bin/certgate}
data=${DATA:-${CERTGATE_DATA:-data}}
host=${CERTGATE_HOST:-localhost}
pki=http://$host:${CERTGATE_PKI_PORT:-8080}
public=https://$host:${CERTGATE_PUBLIC_PORT:-8443}
portal=https://$host:${CERTGATE_PORTAL_PORT:-9443}

# Keys lie here while the script runs; nobody else may look, and nothing stays.
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- Words of this script ---------------------------------------------------------------------

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '  %s\n' "$*"; }
fail() {
    printf '\nwalk.sh: %s\n' "$*" >&2
    exit 1
}

# field NAME FILE: the first value of that name in a JSON document.
field() {
    { grep -o "\"$1\": *\(\"[^\"]*\"\|[^,}]*\)" "$2" || true; } |
        head -n 1 | sed -e 's/^"[^"]*": *//' -e 's/^"\(.*\)"$/\1/'
}

# expect NAME VALUE: the last answer says so.
expect() {
    local found
    found=$(field "$1" "$work/answer")
    [[ $found == "$2" ]] || fail "$1 is \"$found\", expected \"$2\": $(<"$work/answer")"
    show "$1: $found"
}

# ask STATUS METHOD URL BODY [CURL OPTION...]: one request. Its answer goes to $work/answer; any
# other status than STATUS ends the walk. The body travels through a pipe, not through the
# arguments, where every user of the machine could read passwords.
ask() {
    local expected=$1 method=$2 url=$3 body=$4 status problem
    shift 4
    [[ -z $body ]] || set -- --json @- "$@"
    status=$(printf '%s' "$body" | curl --silent --show-error --max-time 30 --request "$method" \
        --cacert "$work/root.pem" --header 'Accept-Language: en' \
        --output "$work/answer" --write-out '%{http_code}' "$@" "$url") || true
    problem=
    if [[ $status == [45]* ]]; then problem=$(field type "$work/answer"); fi
    show "$method /${url#*//*/} -> $status ${problem##*/}"
    [[ $status == "$expected" ]] || fail "expected $expected: $(head -c 2000 "$work/answer")"
}

# refused CODE: the last answer is a problem (RFC 9457) of that type.
refused() {
    local type
    type=$(field type "$work/answer")
    [[ ${type##*/} == "$1" ]] || fail "refused as \"$type\", expected \"$1\""
}

# as WHO STATUS METHOD PATH [BODY]: a request to the portal with WHO's certificate and cookies.
as() {
    local who=$1 status=$2 method=$3 path=$4 body=${5:-}
    ask "$status" "$method" "$portal$path" "$body" --cert "$work/$who.pem" \
        --cookie "$work/$who.cookies" --cookie-jar "$work/$who.cookies"
}

# pick_up WHO: exchange serial number and download password of WHO's slip for certificate and key.
pick_up() {
    local password
    password=$(field download_password "$work/$1.slip")
    ask 200 POST "$public/api/v1/pickup" "{\"serial_number\": \"$(field serial_number "$work/$1.slip")\",
        \"download_password\": \"$password\"}"
    mv "$work/answer" "$work/$1.p12"
    password=$password openssl pkcs12 -in "$work/$1.p12" -passin env:password -nodes \
        -out "$work/$1.pem" || fail "openssl cannot open the PKCS#12"
}

# log_in WHO PASSWORD: username and password, in the company of the certificate.
log_in() {
    as "$1" 201 POST /api/v1/session \
        "{\"username\": \"$(field username "$work/$1.slip")\", \"password\": \"$2\"}"
}

# reset_password WHO: from the slip's initial password to a new one.
reset_password() {
    as "$1" 204 PUT /api/v1/password "{\"old_password\": \"$(field initial_password "$work/$1.slip")\",
        \"new_password\": \"$(openssl rand -base64 18)\"}"
}

# Sample numbers with right check characters: an employer's (GB 32100) and a citizen's (GB 11643).
credit_code() {
    local alphabet=0123456789ABCDEFGHJKLMNPQRTUWXY text before sum=0 weight=1 i
    text=91420100MA4K$(printf '%05d' $((RANDOM % 100000)))
    for ((i = 0; i < 17; i++)); do
        before=${alphabet%%"${text:i:1}"*}
        sum=$((sum + ${#before} * weight))
        weight=$((weight * 3 % 31))
    done
    printf '%s%s' "$text" "${alphabet:$(((31 - sum % 31) % 31)):1}"
}
id_number() { # of a woman born on 8 August 1998: the last digit before the check is even
    local weights=(7 9 10 5 8 4 2 1 6 3 7 9 10 5 8 4 2) text sum=0 i
    text=42010619980808$(printf '%03d' $((RANDOM % 500 * 2)))
    for ((i = 0; i < 17; i++)); do sum=$((sum + ${text:i:1} * weights[i])); done
    printf '%s%s' "$text" "$(printf '10X98765432' | cut -c $((sum % 11 + 1)))"
}

# --- The way ----------------------------------------------------------------------------------

step '1. The root certificate, from the PKI listener (plain HTTP: it is checked in step 3)'
curl --silent --show-error --fail --output "$work/root.cer" "$pki/ca/root.cer" ||
    fail "nobody answers at $pki; is the server running?"
openssl x509 -inform DER -in "$work/root.cer" -out "$work/root.pem"
curl --silent --show-error --fail "$pki/ca/issuing.cer" |
    openssl x509 -inform DER -out "$work/issuing.pem"
show "$(openssl x509 -in "$work/root.pem" -noout -subject)"

step '2. At the counter: a unit and two officers get their password slips'
run=$(openssl rand -hex 3)
"$certgate" unit add --data "$data" --json --name "武汉试行第${run}号有限公司" \
    --credit-code "$(credit_code)" --district wuchang >"$work/unit.slip"
"$certgate" officer add "reviewer-$run" --data "$data" --json --role review_officer \
    --name 王芳 >"$work/reviewer.slip"
"$certgate" officer add "security-$run" --data "$data" --json --role security_officer \
    --name 赵强 >"$work/security.slip"
serial_number=$(field serial_number "$work/unit.slip")
username=$(field username "$work/unit.slip")
show "unit $username, certificate serial number $serial_number"

step '3. The root is the one whose fingerprint is printed on the slip'
fingerprint=$(openssl x509 -in "$work/root.pem" -noout -fingerprint -sha256 |
    sed -e 's/.*=//' -e 's/://g')
[[ $fingerprint == "$(field root_fingerprint_sha256 "$work/unit.slip")" ]] ||
    fail 'the root is not the one on the slip'
show "SHA-256 $fingerprint"

step '4. Pickup: a wrong pair is refused, the right one yields a PKCS#12 that the same password opens'
ask 403 POST "$public/api/v1/pickup" \
    "{\"serial_number\": \"$serial_number\", \"download_password\": \"2222-2222-2222-2222\"}"
refused pickup-refused
pick_up unit
show "$(openssl x509 -in "$work/unit.pem" -noout -subject -nameopt utf8,sep_comma_plus)"
[[ $(openssl x509 -in "$work/unit.pem" -noout -serial) == "serial=$serial_number" ]] ||
    fail 'the certificate has another serial number than the slip'
curl --silent --show-error --fail --output "$work/issuing.crl" "$pki/crl/issuing.crl"
openssl crl -inform DER -in "$work/issuing.crl" -out "$work/issuing-crl.pem"
curl --silent --show-error --fail "$pki/crl/root.crl" |
    openssl crl -inform DER -out "$work/root-crl.pem"
show "openssl verify: $(openssl verify -x509_strict -crl_check_all -purpose sslclient \
    -CAfile "$work/root.pem" -untrusted "$work/issuing.pem" -CRLfile "$work/issuing-crl.pem" \
    -CRLfile "$work/root-crl.pem" "$work/unit.pem" | sed 's/.*: //')"

step '5. The portal without a certificate'
ask 403 GET "$portal/api/v1/session" ''
refused certificate-required

step '6. First login: certificate and password of the same unit; it leads to the reset only'
log_in unit "$(field initial_password "$work/unit.slip")"
expect username "$username"
expect must_change_password true
as unit 403 GET '/api/v1/tasks?list=todo'
refused password-change-required
reset_password unit
as unit 200 GET /api/v1/session
expect must_change_password false

step '7. The slip is used up: the sealed key was erased at the first login'
ask 403 POST "$public/api/v1/pickup" "{\"serial_number\": \"$serial_number\",
    \"download_password\": \"$(field download_password "$work/unit.slip")\"}"
refused pickup-refused

step '8. The unit files an enrolment (增员) and submits it'
as unit 201 POST /api/v1/tasks "{\"module\": \"enrolment\", \"data\": {
    \"id_number\": \"$(id_number)\", \"name\": \"张晓明\", \"sex\": \"female\", \"ethnicity\": \"han\",
    \"birth_date\": \"1998-08-08\", \"employment_date\": \"$(date -u +%F)\",
    \"declared_wage\": \"8000.00\", \"back_pay_from\": null, \"contract_signed\": true,
    \"insurance\": [\"pension\", \"medical\", \"large_medical\", \"work_injury\",
                    \"unemployment\", \"maternity\"]}}"
expect state draft
task=$(field id "$work/answer")
sequence_number=$(field sequence_number "$work/answer")
show "sequence number: $sequence_number"
as unit 200 POST "/api/v1/tasks/$task/submit"
expect state in_review

step '9. A review officer comes in the same way, finds the filing and approves it'
pick_up reviewer
log_in reviewer "$(field initial_password "$work/reviewer.slip")"
reset_password reviewer
as reviewer 200 GET "/api/v1/reviews?q=$sequence_number"
grep -q "\"id\": *$task," "$work/answer" || fail "task $task is not in the list of reviews"
as reviewer 200 POST "/api/v1/reviews/$task" '{"decision": "approve"}'
as unit 200 GET "/api/v1/tasks/$task"
expect state ended

step '10. Roles: the unit may not decide, the review officer may not revoke'
as unit 403 GET /api/v1/reviews
refused not-allowed
as reviewer 403 POST "/api/v1/certificates/$serial_number/revoke" '{"reason": "keyCompromise"}'
refused not-allowed

step '11. The unit keeps a connection open while a security officer revokes its certificate'
pick_up security
log_in security "$(field initial_password "$work/security.slip")"
reset_password security
cookie=$(awk '$6 ~ /^__Host-/ { print $6 "=" $7 }' "$work/unit.cookies" | tail -n 1)
mkfifo "$work/line"
timeout 60 openssl s_client -quiet -connect "${portal#https://}" -servername "$host" \
    -CAfile "$work/root.pem" -verify_return_error -cert "$work/unit.pem" -key "$work/unit.pem" \
    <"$work/line" >"$work/heard" 2>"$work/heard.errors" &
connection=$!
exec 3>"$work/line"
printf 'GET /api/v1/session HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n' \
    "${portal#https://}" "$cookie" >&3
for ((i = 0; i < 100; i++)); do
    if grep -q '^HTTP/' "$work/heard"; then break; fi
    sleep 0.1
done
show "before, on that connection: $(head -n 1 "$work/heard")"
grep -q '^HTTP/1.1 200' "$work/heard" || fail 'the open connection was not served'

# Part of the unit's name will do.
as security 200 GET "/api/v1/certificates?q=$run"
grep -q "$serial_number" "$work/answer" || fail 'the certificate was not found'
as security 200 POST "/api/v1/certificates/$serial_number/revoke" '{"reason": "keyCompromise"}'
show "receipt: $(<"$work/answer")"

ended=0
wait "$connection" || ended=$?
exec 3>&-
[[ $ended != 124 ]] || fail 'the open connection was not cut'
show 'after: the server has cut it'

step '12. The next request of the unit is refused, cookie and password or not'
as unit 403 GET /api/v1/session
refused certificate-revoked

step '13. OCSP and the CRL say the same'
openssl ocsp -issuer "$work/issuing.pem" -serial "0x$serial_number" -url "$pki/ocsp" \
    -CAfile "$work/root.pem" -no_nonce >"$work/ocsp" 2>"$work/ocsp.errors" ||
    fail "$(<"$work/ocsp.errors")"
grep -q 'Response verify OK' "$work/ocsp.errors" || fail "$(<"$work/ocsp.errors")"
grep -q 'revoked' "$work/ocsp" || fail "OCSP: $(<"$work/ocsp")"
show "OCSP: $(grep -m 1 'revoked' "$work/ocsp")"
curl --silent --show-error --fail --output "$work/issuing.crl" "$pki/crl/issuing.crl"
openssl crl -inform DER -in "$work/issuing.crl" -CAfile "$work/issuing.pem" -noout -text \
    >"$work/crl" 2>"$work/crl.errors"
grep -q 'verify OK' "$work/crl.errors" || fail "$(<"$work/crl.errors")"
grep -A 4 "$serial_number" "$work/crl" >"$work/entry" || fail 'the CRL does not list it'
show "CRL: $(tr -s ' \n' ' ' <"$work/entry")"

step '14. The unit comes back to the counter: same username, new slip'
"$certgate" slip reissue "$username" --data "$data" --json --reason keyCompromise >"$work/unit.slip"
[[ $(field username "$work/unit.slip") == "$username" ]] || fail 'the username has changed'
[[ $(field serial_number "$work/unit.slip") != "$serial_number" ]] || fail 'the serial is the old one'
show "new serial number: $(field serial_number "$work/unit.slip")"

step '15. Every step is in the audit log, and its chain holds'
"$certgate" audit verify --data "$data" | sed 's/^/  /'

printf '\nThe walk is done.\n'
