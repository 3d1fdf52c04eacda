"""How the fields and texts of many languages call a password, a code, a key, and a telephone."""

from __future__ import annotations

from pathlib import Path


def lines_of(name: str) -> list[str]:
    """The entries of the file with that name beside this one: one a line, comments behind `#`."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in text.split(",")))


PASSWORD = _listed(
    """
    password, passwort, passwd, passwrd, passphrase, passcode, passkey, pass word, pass phrase, pass code, pwd, psw,
    pswd, passw, kennwort, losungswort, schlüsselwort, geheimwort, mot de passe, mdp, contraseña, contrasena,
    contrasenya, contrasinal, clave de acceso, clave acceso, palabra clave, senha, palavra passe, palavra-passe,
    palavra chave, parola d'ordine, parola chiave, parola, parolă, wachtwoord, toegangscode, hasło, haslo, lösenord,
    losenord, adgangskode, adgangsord, kodeord, passord, salasana, tunnussana, heslo, jelszó, jelszo, geslo,
    lozinka, zaporka, parool, slaptažodis, slaptazodis, şifre, şifreniz, şifresi, sifre, aðgangsorð, lykilorð,
    pasahitza, fjalëkalimi, katalaluan, kata laluan, kata sandi, mật khẩu, mat khau, κωδικός πρόσβασης, κωδικός,
    συνθηματικό, пароль, парола, лозинка, гасло, סיסמה, סיסמא, كلمة المرور, كلمة السر, رمز عبور, पासवर्ड,
    পাসওয়ার্ড, รหัสผ่าน, 密码, 密碼, 口令, パスワード, 暗証番号, 비밀번호, 암호, passwört, kennwört, losungswört,
    mots de passe, парол, лозинк, lozink, zapork, hasł, salasan, tunnussan, jelszav, slaptažod, slaptazod, geslov,
    συνθηματικ, κωδικού πρόσβασης, κωδικού, κωδικοί, κωδικών, κωδικους, fjalëkalim, fjalekalim, pasahitz,
    contrasenye, wagwoord, passwuert, cyfrinair, pasfhocal, focal faire, nenosiri, pasvort, facal faire, loyniorð,
    пароль, құпия сөз, құпиясөз, сырсөз, нууц үг, პაროლ, գաղտնաբառ, ססמה, ססמא, סיסמת, ססמת, كلمة مرور,
    كلمات المرور, كلمة سر, الرقم السري, رمز المرور, گذرواژه, گذر واژه, رمز ورود, پسورد, پاس ورڈ, पासवर्द, कूटशब्द,
    संकेतशब्द, गोपनीय शब्द, கடவுச்சொல், పాస్ వర్డ్, ಪಾಸ್ ವರ್ಡ್, પાસવર્ડ, ਪਾਸਵਰਡ, പാസ് വേഡ്, මුරපද, ລະຫັດຜ່ານ,
    ពាក្យសម្ងាត់, စကားဝှက်, የይለፍ ቃል, 패스워드, 비번, 비밀 번호, パスコード, 通行碼, şîfre, sirli söz, gizli söz
    """  # noqa: RUF001
)
"""Each is a password in whatever field or text it is, also as the beginning of a word that is declined."""


SHORT = _listed(
    """
    pass, pw, pin, puk, tan, otp, totp, mfa, 2fa, cvv, cvc, csc, cvn, clave, code secret, parol, parole, paroles,
    paroli, parolei, parolu, parolde, sandi, pswrd, psk, ww, p/w, pword,
    psword, pasword, psswrd, passwrt, pwort, pssw, haslo,
    hasla, haslu, haslem, hasel, hesla, heslu, heslem, heslom, hesel, hesiel, gesla, geslu, geslom, gesel, gesli,
    lozinci, senhas, parole d'accesso, parolele, parolei, paroly, nywila, kodeordet, гасла, гаслу, гаслом
    """
)
"""The same, but only as whole words: they begin others (passenger, pinned)."""


KEY = _listed(
    """
    secret, api key, apikey, api token, access key, access token, auth token, auth key, auth code, bearer token,
    refresh token, session token, id token, private key, client secret, secret key, secret access key,
    encryption key, signing key, account key, shared key, shared access key, master key, license key, recovery key,
    webhook secret, client key, client key data, subscription key, credential, credentials, token, passwort token,
    api schlüssel, zugangsschlüssel, clé api, clé secrète, clave api, clave secreta, chave api, chave secreta,
    chiave api, chiave segreta, klucz api, geheimnis, wifi key, wi fi key, wlan key, wpa key, network key,
    wlan schlüssel, wlanschlüssel, netzwerkschlüssel, clé wifi, clé réseau, clave wifi, chave wifi, chiave wifi
    """
)
"""A key, token or other secret that programs use."""


PHRASE = _listed(
    """
    seed phrase, seed words, recovery phrase, recovery words, recovery seed, backup phrase, secret phrase, wallet seed,
    mnemonic, mnemonic phrase, passphrase, pass phrase, wiederherstellungsphrase, wiederherstellungswörter, wortfolge,
    phrase de récupération, phrase secrète, phrase de passe, frase semilla, frase de recuperación, frase secreta,
    frase de recuperação, frase di recupero, herstelzin, herstelwoorden, fraza odzyskiwania, återställningsfras,
    сид фраза, сид-фраза, мнемоника, мнемоническая фраза, 助记词, 助記詞, リカバリーフレーズ, 니모닉, 복구 문구
    """
)
"""Many words that are a key."""


CODE = _listed(
    """
    one time code, one-time code, two factor code, unlock code, codigo seguridad, security answer, secret answer,
    one time password, one-time password, one time passcode, one-time passcode, verification code, security code,
    authentication code, authenticator code, confirmation code, login code, sign-in code, sign in code, access code,
    activation code, backup code, recovery code, mfa code, 2fa code, sms code, otp code, card verification,
    your code, code is, codigo es, código es, codice è, steam guard code, whatsapp code, telegram code, rsa token,
    wiederherstellungscode, ersatzcode, code de récupération, code de secours, código de recuperación,
    código de respaldo, código de recuperação, codice di recupero, codice di backup, herstelcode, kod zapasowy,
    återställningskod, gjenopprettingskode, gendannelseskode,
    passcode, otp, totp, mfa, 2fa, mtan, tan, pin, puk, cvv, cvv2, cvc, cvc2, csc, pincode,
    pin code, pinkode, pinkod, pinkód, kod pin, code pin, código pin, codice pin, пин код, пинкод, пін код, пінкод,
    einmalcode, einmalpasswort, bestätigungscode, sicherheitscode, verifizierungscode, prüfcode, zugangscode,
    anmeldecode, prüfnummer, kartenprüfnummer, ihr code, dein code, geheimzahl, prüfziffer, code de vérification,
    code de verification, code de sécurité, code de securite, code de confirmation, code d'accès,
    code de validation, code à usage unique, votre code, ton code, code secret, cryptogramme,
    código de verificación, codigo de verificacion, código de seguridad, codigo de seguridad,
    código de confirmación, código de acceso, tu código, su código, código de verificação, codigo de acesso,
    código de segurança, código de acesso, seu código, codice di verifica, codice di sicurezza, codice di conferma,
    codice di accesso, tuo codice, suo codice, verificatiecode, beveiligingscode, bevestigingscode, inlogcode,
    je code, uw code, kod weryfikacyjny, kod bezpieczeństwa, kod dostępu, twój kod, kod sms, verifieringskod,
    säkerhetskod, engångskod, din kod, bekræftelseskode, engangskode, sikkerhedskode, din kode, bekreftelseskode,
    sikkerhetskode, vahvistuskoodi, turvakoodi, kertakoodi, ověřovací kód, bezpečnostní kód, váš kód, overovací kód,
    codice segreto, código secreto, codigo secreto, codi secret,
    ellenőrző kód, biztonsági kód, cod de verificare, codul dvs, doğrulama kodu, güvenlik kodu, onay kodu,
    verifikacijski kod, potvrdni kod, potvrditvena koda, kinnituskood, patvirtinimo kodas, apstiprinājuma kods,
    κωδικός επαλήθευσης, κωδικός ασφαλείας, код подтверждения, код доступа, код безопасности, ваш код,
    код підтвердження, код за потвърждение, קוד אימות, קוד הגישה, رمز التحقق, رمز التأكيد, सत्यापन कोड, ओटीपी,
    รหัสยืนยัน, รหัส otp, mã xác minh, mã otp, 验证码, 驗證碼, 校验码, 動態密碼, 認証コード, 確認コード,
    ワンタイムパスワード, 인증번호, 인증 코드, 인증코드, 보안코드
    """
)
"""What precedes or follows a one-time code, a PIN, or the check number of a card."""


SIGN_IN = _listed(
    """
    login, log in, logon, creds, login data, logindaten, log on, sign in,
    username, user name, userid, user id, login name, credentials,
    anmeldung, benutzername, benutzerkennung, zugangsdaten, anmeldedaten, identifiant, identifiants,
    nom d'utilisateur, usuario, nombre de usuario, utilizador, nome de utilizador, nome utente, gebruikersnaam,
    inloggegevens, användarnamn, inloggning, brugernavn, brukernavn, innlogging, käyttäjätunnus, nazwa użytkownika,
    uživatelské jméno, felhasználónév, kullanici adi, логин, имя пользователя, користувач, שם משתמש, اسم المستخدم,
    用户名, ユーザー名, 사용자 이름, 아이디
    """
)
"""What precedes a name and, after it, the password that belongs to it."""


CODE_ALONE = _listed(
    """
    code, kode, kod, kód, koda, kods, kodas, kood, koodi, cod, código, codigo, codice, код, コード, 코드, 代码, รหัส, mã
    """
)
"""A one-time code if six digits are all that follows in the line."""


TELEPHONE = _listed(
    """
    phone, call, dial, mobile, cell, tel, telephone, whatsapp, sms, text me, fax, hotline, telefon, handy, mobil,
    anruf, rufnummer, téléphone, portable, appel, teléfono, telefono, móvil, celular, llama, telefone, telemóvel,
    liga, cellulare, chiama, mobiel, bel, gsm, telefoon, zadzwoń, zadzwon, komórk, numer, ring, puhelin, soita,
    matkapuhelin, telefón, zavolej, volat, hívj, mobilszám, nazovi, mobitel, pokliči, helista, telefonas, skambink,
    tālrunis, zvani, sună, τηλέφωνο, κινητό, телефон, позвон, обади, 電話, 携帯, 전화, 휴대폰, फोन, मोबाइल, 电话,
    手机
    """
)
"""What is near a telephone number that looks like any other number."""
