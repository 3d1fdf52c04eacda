"""Which fields take a password, by what is known about them; and URLs that sign somebody in."""

from __future__ import annotations

import pytest

from lake.safeguards.passwords import in_url, is_password_field

PASSWORDS = """
    password passwd userPassword pwd newPwd2 loginPass txt_pass passphrase passcode Passwort Kennwort
    benutzerKennwort motDePasse mdp contraseña contrasena claveAcceso senha senhaAtual palavra-passe wachtwoord
    hasło haslo_nowe lösenord losenord adgangskode kodeord passord salasana heslo jelszó geslo lozinka parool şifre
    parolă κωδικός пароль парола סיסמה 密码 密碼 パスワード 비밀번호 암호 รหัสผ่าน pin userPin pinInput PIN otp totp
    mfaCode one-time-code verificationCode securityCode cvv cardCvc cvc2 apiKey api_key access_token clientSecret
    privateKey secret wifiKey wpa_key wlanSchlüssel claveWifi security-answer secretAnswer unlockCode
    codiceSegreto AXSecureTextField PasswordBox geheimzahl prüfziffer
"""
LABELS = """
    Подтверждение пароля | Ввод пароля | Підтвердження пароля | Powtórzenie hasła | Potwierdzenie hasła |
    Potvrzení hesla | Potvrdenie hesla | Potvrda lozinke | Potrditev gesla | Επιβεβαίωση κωδικού |
    Slaptažodžio patvirtinimas | Parole | Paroles apstiprinājums | Jauna parole | Atkārtojiet paroli | Jelszava |
    Jelszó megerősítése | Jelszavak | كلمة مرور | تأكيد كلمة المرور | ססמה | אימות סיסמה | אימות סיסמתך | 패스워드 |
    패스워드 확인 | گذرواژه | تکرار گذرواژه | Sandi | Kata sandi baru | Pincode | Mots de passe | Passwörter |
    Kennwörter | pswrd | pword | Нова лозинка | Потврда лозинке | Паролата | Salasanan vahvistus |
    Vahvista salasana | Korda parooli | Parooli kinnitus | Confirmación de contraseña | Confirmação da senha |
    Contrasenyes | Bekræft adgangskoden | Lösenordet | Gjenta passordet | Şifrenizi onaylayın |
    Şifreyi tekrarlayın | Parolanız | Confirmați parola | Parolei | Mật khẩu mới | Wagwoord | Cyfrinair | Nenosiri |
    Fjalëkalimit | पासवर्ड की पुष्टि | পাসওয়ার্ড নিশ্চিত | கடவுச்சொல் | ยืนยันรหัสผ่าน | 确认密码 | 確認密碼 | パスワード確認 |
    პაროლი | Գաղտնաբառը | Құпия сөз | Нууц үг | Zaporka | Zaporku ponovite | Nové heslo znovu | Potvrďte heslem |
    Geslom | Staðfesta lykilorð | passwordConfirm | newPswrd | Slaptažodį | Pasahitza berretsi | Parol |
    Yangi parol | Wachtwoorden | PIN-код | Пин-код | Zadajte PIN kód | Mot de passe (confirmation) | Retype pword |
    Пароли | Паролем | Гасла | Парола
"""  # noqa: RUF001
"""With words that are declined, and in further languages."""
OTHER_LABELS = """
    secretary | compass | passage | passenger | Parole chiave | prise de parole | parola chiavetta |
    Ταχυδρομικός κωδικός | hash | Haslam | sandwich | San Diego | carousel | parolee | Pinterest | message |
    Hasselblad | gesellschaft | Kommentar | keyword | Adresse | postcode | Sandy | vase | claves del éxito
"""


OTHERS = """
    secretary passenger passport compass bypass email username search zipCode postal_code countryCode code keyboard
    keyword spinner opinion pinterest shipping description company notes comment tokenizer hotpot cascade tangent
"""


@pytest.mark.parametrize("name", PASSWORDS.split())
def test_password_fields_are_known_by_any_name(name: str) -> None:
    assert is_password_field(name)
    assert is_password_field(f"text {name} field_3")


@pytest.mark.parametrize(
    "label",
    ["Mot de passe actuel", "Repeat your password", "Neues Passwort wiederholen", "Código de verificación",
     "كلمة المرور", "mật khẩu", "AXTextField · AXSubrole: AXSecureTextField", "Edit · IsPassword: True",
     "password text"],
)  # fmt: skip
def test_password_fields_are_known_by_any_label(label: str) -> None:
    assert is_password_field(label)


@pytest.mark.parametrize("label", LABELS.replace("\n", " ").strip().split("|"))
def test_password_fields_are_known_however_their_word_is_declined(label: str) -> None:
    assert is_password_field(label.strip())


@pytest.mark.parametrize("label", OTHER_LABELS.replace("\n", " ").strip().split("|"))
def test_labels_with_similar_words_are_none(label: str) -> None:
    assert not is_password_field(label.strip())


@pytest.mark.parametrize(
    "name",
    OTHERS.split(),
)
def test_other_fields_are_left_alone(name: str) -> None:
    assert not is_password_field(name)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://a.example/?password=sesame", "sesame"),
        ("https://ada:sesame@a.example/", "sesame"),
        ("https://a.example/back?code=4_0AX4XfWh8Zq81mXw03rTn&state=1", "4_0AX4XfWh8Zq81mXw03rTn"),
        ("https://b.example/f?X-Amz-Signature=9f8e7d6c5b4a", "9f8e7d6c5b4a"),
        ("https://b.example/f?sv=1&sig=9f8e7d6c5b4a%3D", "9f8e7d6c5b4a%3D"),
        ("https://a.example/magic/9f8e7d6c5b4a3f2e1d0c", "9f8e7d6c5b4a3f2e1d0c"),
        ("https://a.example/reset/u1/9f8e7d6c5b4a3f2e1d0c?x=1", "9f8e7d6c5b4a3f2e1d0c"),
        ("https://a.example/#access_token=9f8e7d6c&x=1", "9f8e7d6c"),
    ],
)
def test_links_that_sign_somebody_in_are_masked(url: str, secret: str) -> None:
    assert [url[found.start : found.end] for found in in_url(url)] == [secret]


@pytest.mark.parametrize(
    "url",
    ["https://a.example/?q=hello&page=2", "https://a.example/login", "https://a.example/products/12345678901234567",
     "https://a.example/?code=short", "https://a.example:8080/path@x", "https://a.example/x/main/x.py#L10",
     "https://a.example/v/watch-this-video-now", "https://a.example/i/1234567890", "https://a.example/share/quarterly-report-of-march"],
)  # fmt: skip
def test_ordinary_links_are_left_alone(url: str) -> None:
    assert in_url(url) == []
