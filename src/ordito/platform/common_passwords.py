"""Words that are guessed first: bare, or with figures and signs around them.

Put together for Ordito from what anyone would try: words, names, keyboards, and the trade's own.
"""

KEYBOARD_ROWS = (
    "1234567890123456789012345678901234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
)

_WORDS = """
    password passwort password1 passwords passw0rd passwd pass passe passphrase motdepasse
    contrasena contraseña senha wachtwoord lozinka haslo hasło heslo jelszo parola parole
    salasana losenord lösenord passord kodeord geheim secret secreto segredo sekret tajne пароль
    секрет סיסמה 密码 welcome welcome1 welcomeback willkommen bienvenue bienvenido benvenuto
    witamy witaj hello helloworld hallo bonjour buenosdias czesc cześć privet привет shalom
    letmein letmeinnow openup opensesame sesame login signin logon access accesspoint enter
    letmepass changeme changemenow changeit changethis pleasechange default temporary temp
    temppass tempassword newpassword mypassword yourpassword thepassword nopassword notapassword
    goodpassword bestpassword strongpassword securepassword mysecret topsecret supersecret
    verysecret admin administrator administrateur adminadmin administration root rootroot
    superuser superadmin sysadmin system master masterkey operator manager supervisor boss owner
    user username testuser guest guestguest demo demodemo demouser test testing testtest tester
    testpassword example sample service support helpdesk office company business account
    accounting finance sales ordito orditoordito warehouse warehouse1 store storage stock
    inventory orders ordering shipping shipment logistics fulfilment fulfillment packing picker
    packer scanner forklift pallet parcel magazyn sklep zamowienia zamówienia lager versand
    bestellung entrepot magazzino almacen склад qwerty qwertyuiop qwertz qwertzuiop azerty
    azertyuiop asdf asdfgh asdfghjkl asdfasdf zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc
    qweqwe asdasd zaqxsw wasd йцукен фывапролд qwertyui abc abcd abcde abcdef abcdefg abcdefgh
    abcdefghij abcdefghijk abcabc aabbcc aaaa aaaaaa zzzzzz iloveyou iloveu iloveme iloveyoubaby
    ilovegod ilovejesus loveyou lovely lover lovers loveme love forever together kochamcie
    kochanie kocham ichliebedich jetaime teamo tequiero tiamo sweetheart sweetie honey babygirl
    babyboy baby darling princess prince queen king angel angels beautiful gorgeous handsome
    sunshine sunflower sunset summer summertime winter autumn spring january february march
    april june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday birthday christmas holiday vacation sommer lato zima wiosna jesien
    jesień verano invierno inverno estate été printemps automne dragon dragons unicorn phoenix
    monkey tiger lion wolf eagle falcon hawk bear panda panther shark dolphin butterfly ladybug
    rabbit bunny hamster kitten kitty puppy doggy horse pony chicken turtle spider snake
    scorpion mustang stallion bulldog cheetah leopard elephant batman superman spiderman ironman
    wonderwoman captainamerica avengers deadpool joker harrypotter hogwarts starwars skywalker
    jedimaster startrek voyager matrix trinity neo pokemon pikachu naruto sasuke minecraft
    fortnite roblox zelda mario luigi sonic tetris warcraft starcraft counterstrike football
    soccer baseball basketball hockey tennis golf rugby cricket volleyball swimming karate
    liverpool arsenal chelsea manchester manchesterunited barcelona realmadrid juventus bayern
    dortmund legia lakers yankees cowboys steelers eagles packers redsox ferrari porsche
    mercedes lamborghini bugatti corvette camaro harley yamaha honda toyota nissan subaru bmw
    audi volkswagen michael jennifer jessica ashley daniel matthew andrew joshua anthony robert
    thomas charlie jordan hunter justin brandon taylor nicole michelle amanda samantha elizabeth
    victoria alexander alexandra benjamin christian christopher jonathan nicholas patrick
    richard william stephanie danielle natalie sophie olivia emma isabella george harry oliver
    maggie buster bailey cooper ginger pepper shadow lucky rocky duke molly daisy sadie
    katarzyna agnieszka malgorzata krzysztof bartosz mateusz karolina natalia sebastian piotrek
    kasia basia tomek anna maria natasha vladimir sergey dmitry anastasia marina svetlana
    tatiana jose carlos alejandro fernando giovanni francesco alessandro wolfgang hannah schatz
    mausi hase schnuffel sabine stefan london paris berlin madrid roma milano warszawa krakow
    kraków gdansk poznan wroclaw lodz moscow москва kiev kyiv newyork chicago boston dallas
    houston texas california florida america canada england scotland ireland france germany
    deutschland polska poland italia espana portugal brasil россия ukraine israel jerusalem
    telaviv australia sydney tokyo singapore computer internet google facebook instagram
    whatsapp twitter youtube microsoft windows apple iphone android samsung amazon shopify ebay
    netflix linux ubuntu oracle cisco server network wireless router database website webmaster
    developer programmer hacker hacked killer whatever whatever1 nothing anything something
    everything nevermind trustno trustnoone nobody somebody anybody freedom liberty peace
    happiness happy smile lucky luckyday blessed blessing jesus jesuschrist jesuslovesme christ
    god godisgood godislove faith hope grace heaven hell devil satan angelina destiny fantasy
    mystery magic wizard warrior ninja samurai pirate ranger soldier marine rockstar superstar
    champion winner number numberone first access granted letitbe cheese chocolate cookie
    cookies banana orange strawberry cherry pumpkin pizza hamburger coffee cocacola pepsi vodka
    whiskey tequila biscuit peanut coconut candy guitar drummer pianist music metallica nirvana
    slipknot eminem beatles rockandroll money dollar million millionaire billionaire rich
    diamond diamonds gold golden silver platinum emerald crystal rainbow purple yellow orange
    blue green black white scarlet asshole bitch bullshit fuckyou fuckoff fuckme fuck shit
    bastard motherfucker sexy sexsex pussy penis bigdick kurwa dupa chuj cholera merde putain
    scheisse arschloch сука correcthorsebatterystaple thisismypassword mypasswordis ihateyou
    ihatethis ihatepasswords idontknow iforgot forgotten remember rememberme donotforget
    dontforget letmeinplease onetwothree onetwothreefour einszweidrei undeuxtrois raz dwa trzy
    razdwatrzy unodostres
    """

COMMON = frozenset(_WORDS.split())
